/** The Python worker: loads Pyodide and shared_py from the app's own server and answers calls; it has no state of the app. */
import { loadPyodide } from 'pyodide'
import { countLoad } from './load_progress'
import { type Pack, pack } from './pack'
import type { Call, CallKind, PortOffer, Reply, RulesCall, RulesKind } from './protocol'

/** A Python function of `shared_py.pyodide_api`: texts in, a proxy of bytes out. */
type PythonFunction = (...args: string[]) => { toJs(): Uint8Array<ArrayBuffer>; destroy(): void }
type PythonApi = Record<CallKind | RulesKind, PythonFunction>
type Send = (reply: Reply, transfer: Transferable[]) => void

const send: Send = (reply, transfer) => postMessage(reply, { transfer })

/** A file could not be fetched whole. */
class Interrupted extends Error {}

async function bytesOf(url: string): Promise<ArrayBuffer> {
  const answer = await fetch(url)
  if (!answer.ok) throw new Interrupted(`${answer.status} for ${url}`)
  return answer.arrayBuffer().catch((error: unknown) => {
    throw new Interrupted(`${url}: ${error}`)
  })
}

/** Runtime and packages are fetched side by side; the packages are unpacked before anything is imported. */
async function startPython({ runtime, stdlib, packages, lock, sitePackages }: Pack): Promise<PythonApi> {
  const fetched = bytesOf(packages)
  fetched.catch(() => {})
  const py = await loadPyodide({
    indexURL: new URL(runtime, location.origin).href,
    stdLibURL: new URL(stdlib, location.origin).href,
    packageBaseUrl: new URL(runtime, location.origin).href,
    lockFileContents: lock,
    stdout: () => {},
  })
  py.unpackArchive(await fetched, 'zip', { extractDir: sitePackages })
  const api = py.pyimport('shared_py.pyodide_api')
  const { validate, generate, can_connect, find_place, fitting_blocks, forecast, recipes, plan_sweep, upgrade, difference } = api
  const { new_games, play_moves, replay_game, boards_after, search_tree } = api
  const designs = { validate, generate, can_connect, find_place, fitting_blocks, upgrade, difference }
  return { ...designs, forecast, recipes, plan_sweep, new_games, play_moves, replay_game, boards_after, search_tree }
}

function answerCall(api: PythonApi, call: Call | RulesCall, answer: Send): void {
  try {
    const proxy = api[call.kind](...call.args)
    const bytes = proxy.toJs()
    proxy.destroy()
    answer({ type: 'answer', id: call.id, bytes: bytes.buffer }, [bytes.buffer])
  } catch (error) {
    const detail = lastLine(error)
    const fatal = (error as { pyodide_fatal_error?: boolean }).pyodide_fatal_error
    if (fatal) fail({ type: 'failed', detail })
    else answer({ type: 'error', id: call.id, detail }, [])
  }
}

/** Ports that were offered; they are answered once Python runs. */
const ports: MessagePort[] = []

function servePort(api: PythonApi, port: MessagePort): void {
  const answer: Send = (reply, transfer) => port.postMessage(reply, { transfer })
  port.onmessage = (event: MessageEvent<RulesCall>) => answerCall(api, event.data, answer)
  answer({ type: 'ready' }, [])
}

/** Python cannot run: the page and every port get to know. */
function fail(reply: Reply): void {
  for (const port of ports) port.postMessage(reply)
  send(reply, [])
}

/** The last line of a Python traceback, which has the message of the error. */
function lastLine(error: unknown): string {
  const lines = String(error instanceof Error ? error.message : error)
    .trim()
    .split('\n')
  return lines.at(-1) ?? 'unknown error'
}

/** Whether the pack is on the phone already, so that nothing has to be counted. */
async function isKept({ packages }: Pack): Promise<boolean> {
  try {
    return (await caches.match(packages)) !== undefined
  } catch {
    // no caches outside https and localhost
    return false
  }
}

/**
 * Rejects at the first failed fetch: Pyodide itself waits for ever for a runtime file that cannot be loaded. On a first visit it
 * also reports how much has arrived.
 */
function failedFetch(loaded: Pack): Promise<never> {
  const plain = globalThis.fetch
  const kept = isKept(loaded)
  const count = countLoad(loaded, (progress) => send({ type: 'loading', progress }, []))
  return new Promise((_, reject) => {
    globalThis.fetch = async (...request) => {
      try {
        const answer = await plain(...request)
        if (!answer.ok) reject(new Interrupted(`${answer.status} for ${answer.url}`))
        return (await kept) ? answer : count(answer)
      } catch (error) {
        reject(new Interrupted(String(error)))
        throw error
      }
    }
  })
}

type FromPage = Call | PortOffer

const isOffer = (said: FromPage): said is PortOffer => 'type' in said

async function main(): Promise<void> {
  if (!pack) throw new Error('this build has no Python pack')
  let api: PythonApi | undefined
  // calls come after `ready`, ports may come before
  addEventListener('message', ({ data }: MessageEvent<FromPage>) => {
    if (isOffer(data)) {
      ports.push(data.port)
      if (api) servePort(api, data.port)
    } else if (api) answerCall(api, data, send)
  })
  const started = await Promise.race([failedFetch(pack), startPython(pack)])
  api = started
  for (const port of ports) servePort(started, port)
  send({ type: 'ready' }, [])
}

/** Pyodide reads some files itself; a connection that breaks while it does is a TypeError with the browser's own words. */
const isInterruption = (error: unknown): boolean =>
  error instanceof Interrupted || (error instanceof TypeError && /network|fetch|load failed/i.test(error.message))

main().catch((error: unknown) => fail({ type: 'failed', detail: lastLine(error), interrupted: isInterruption(error) }))
