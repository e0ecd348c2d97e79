/** The Python worker: loads Pyodide and shared_py, answers calls; it holds no state of the app and fetches only from its own server. */
import { loadPyodide } from 'pyodide'
import { type Pack, pack } from './pack'
import type { Call, CallKind, Said } from './protocol'

/** A Python function of `shared_py.pyodide_api`: texts in, a proxy of bytes out. */
type PhoneCall = (...args: string[]) => { toJs(): Uint8Array<ArrayBuffer>; destroy(): void }
type Phone = Record<CallKind, PhoneCall>

const say = (said: Said, transfer: Transferable[] = []): void => postMessage(said, { transfer })

async function bytesOf(url: string): Promise<ArrayBuffer> {
  const answer = await fetch(url)
  if (!answer.ok) throw new Error(`${answer.status} for ${url}`)
  return answer.arrayBuffer()
}

/** Runtime and packages are fetched side by side; the packages are unpacked before anything is imported. */
async function startPython({ runtime, stdlib, packages, lock, sitePackages }: Pack): Promise<Phone> {
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
  const phone = py.pyimport('shared_py.pyodide_api')
  const { validate, generate, can_connect, find_place, fitting_blocks, forecast, recipes, upgrade } = phone
  return { validate, generate, can_connect, find_place, fitting_blocks, forecast, recipes, upgrade }
}

function answer(phone: Phone, call: Call): void {
  try {
    const proxy = phone[call.kind](...call.args)
    const bytes = proxy.toJs()
    proxy.destroy()
    say({ type: 'answer', id: call.id, bytes: bytes.buffer }, [bytes.buffer])
  } catch (error) {
    const fatal = (error as { pyodide_fatal_error?: boolean }).pyodide_fatal_error
    say(fatal ? { type: 'failed', detail: lastLine(error) } : { type: 'error', id: call.id, detail: lastLine(error) })
  }
}

/** The last line of a Python traceback is the sentence that says what happened. */
function lastLine(error: unknown): string {
  const lines = String(error instanceof Error ? error.message : error)
    .trim()
    .split('\n')
  return lines.at(-1) ?? 'unknown error'
}

/** Pyodide waits for ever for a runtime file that cannot be had; the first fetch that fails is noticed here instead. */
function failedFetch(): Promise<never> {
  const plain = globalThis.fetch
  return new Promise((_, reject) => {
    globalThis.fetch = async (...request) => {
      try {
        const answer = await plain(...request)
        if (!answer.ok) reject(new Error(`${answer.status} for ${answer.url}`))
        return answer
      } catch (error) {
        reject(error as Error)
        throw error
      }
    }
  })
}

async function main(): Promise<void> {
  if (!pack) throw new Error('this build has no Python pack')
  const phone = await Promise.race([failedFetch(), startPython(pack)])
  addEventListener('message', (event: MessageEvent<Call>) => answer(phone, event.data))
  say({ type: 'ready' })
}

main().catch((error: unknown) => say({ type: 'failed', detail: lastLine(error) }))
