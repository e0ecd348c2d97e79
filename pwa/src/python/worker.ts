/** The Python worker: loads Pyodide and shared_py from the app's own server and answers calls; it has no state of the app. */
import { loadPyodide } from 'pyodide'
import { type Pack, pack } from './pack'
import type { Call, CallKind, Reply } from './protocol'

/** A Python function of `shared_py.pyodide_api`: texts in, a proxy of bytes out. */
type PythonFunction = (...args: string[]) => { toJs(): Uint8Array<ArrayBuffer>; destroy(): void }
type PythonApi = Record<CallKind, PythonFunction>

const send = (reply: Reply, transfer: Transferable[] = []): void => postMessage(reply, { transfer })

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
  const { validate, generate, can_connect, find_place, fitting_blocks, forecast, recipes, upgrade, difference, conflict_texts } =
    api
  return { validate, generate, can_connect, find_place, fitting_blocks, forecast, recipes, upgrade, difference, conflict_texts }
}

function answerCall(api: PythonApi, call: Call): void {
  try {
    const proxy = api[call.kind](...call.args)
    const bytes = proxy.toJs()
    proxy.destroy()
    send({ type: 'answer', id: call.id, bytes: bytes.buffer }, [bytes.buffer])
  } catch (error) {
    const fatal = (error as { pyodide_fatal_error?: boolean }).pyodide_fatal_error
    send(fatal ? { type: 'failed', detail: lastLine(error) } : { type: 'error', id: call.id, detail: lastLine(error) })
  }
}

/** The last line of a Python traceback, which has the message of the error. */
function lastLine(error: unknown): string {
  const lines = String(error instanceof Error ? error.message : error)
    .trim()
    .split('\n')
  return lines.at(-1) ?? 'unknown error'
}

/** Rejects at the first failed fetch: Pyodide itself waits for ever for a runtime file that cannot be loaded. */
function failedFetch(): Promise<never> {
  const plain = globalThis.fetch
  return new Promise((_, reject) => {
    globalThis.fetch = async (...request) => {
      try {
        const answer = await plain(...request)
        if (!answer.ok) reject(new Interrupted(`${answer.status} for ${answer.url}`))
        return answer
      } catch (error) {
        reject(new Interrupted(String(error)))
        throw error
      }
    }
  })
}

async function main(): Promise<void> {
  if (!pack) throw new Error('this build has no Python pack')
  const api = await Promise.race([failedFetch(), startPython(pack)])
  addEventListener('message', (event: MessageEvent<Call>) => answerCall(api, event.data))
  send({ type: 'ready' })
}

/** Pyodide reads some files itself; a connection that breaks while it does is a TypeError with the browser's own words. */
const isInterruption = (error: unknown): boolean =>
  error instanceof Interrupted || (error instanceof TypeError && /network|fetch|load failed/i.test(error.message))

main().catch((error: unknown) => send({ type: 'failed', detail: lastLine(error), interrupted: isInterruption(error) }))
