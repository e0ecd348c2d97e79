/** `fetch` for every call to the server: JSON in, JSON out, everything else is thrown as an `ApiProblem`. */
import { NO_RESPONSE, retryAfter } from '../lib/call_failure'
import { ApiProblem } from './problem'

type CallOptions = RequestInit & { json?: unknown; timeoutMs?: number }

const TIMEOUT_MS = 30_000
/** the header that joins a response with a line in the log of the server */
export const REQUEST_ID = 'x-request-id'

type FailureListener = (problem: ApiProblem, path: string) => void
const failureListeners = new Set<FailureListener>()

/** Call `listener` with every call that was answered with an error; returns how to stop. */
export function onFailedCall(listener: FailureListener): () => void {
  failureListeners.add(listener)
  return () => {
    failureListeners.delete(listener)
  }
}

/** Call the server and return its response; throws `ApiProblem` when there is none or when it is an error. */
export async function callServer(path: string, { json, timeoutMs = TIMEOUT_MS, ...init }: CallOptions = {}): Promise<Response> {
  const headers = new Headers(init.headers)
  if (json !== undefined) headers.set('content-type', 'application/json')
  const deadline = AbortSignal.timeout(timeoutMs)
  // browsers before 2024 cannot join two signals: there the caller's own signal is used
  const signal = init.signal ? (AbortSignal.any?.([init.signal, deadline]) ?? init.signal) : deadline
  const body = json === undefined ? init.body : JSON.stringify(json)
  let response: Response
  try {
    // the API never redirects, so a redirect is the login page of a network
    response = await fetch(path, { ...init, headers, signal, body, redirect: 'manual' })
  } catch (error) {
    if (init.signal?.aborted) throw error
    throw noResponse(kindOfError(error), error)
  }
  if (response.type === 'opaqueredirect') throw noResponse('portal')
  if (response.ok) return response
  const problem = await problemOf(response)
  for (const listener of failureListeners) listener(problem, path)
  throw problem
}

/** Call the server and read its response as JSON. HTML, from a captive portal or a proxy, is thrown as an `ApiProblem`. */
export async function fetchJson<T>(path: string, options: CallOptions = {}): Promise<T> {
  return (await fetchJsonAndHeaders<T>(path, options))[0]
}

/** As `fetchJson`, with the headers of the response. */
export async function fetchJsonAndHeaders<T>(path: string, options: CallOptions = {}): Promise<[T, Headers]> {
  const response = await callServer(path, options)
  if (!isJson(response)) throw noResponse('portal')
  try {
    return [(await response.json()) as T, response.headers]
  } catch (error) {
    throw noResponse(isTimeout(error) ? 'timeout' : 'broken', error)
  }
}

/** The error of a call to which the server gave no response of its own. */
export const noResponse = (kind: keyof typeof NO_RESPONSE, cause?: unknown): ApiProblem =>
  new ApiProblem({ status: 0, title: 'No response of the server', detail: NO_RESPONSE[kind] }, { kind, cause })

const isTimeout = (error: unknown): boolean => error instanceof DOMException && error.name === 'TimeoutError'

function kindOfError(error: unknown): 'timeout' | 'offline' | 'unreachable' {
  if (isTimeout(error)) return 'timeout'
  return globalThis.navigator?.onLine === false ? 'offline' : 'unreachable'
}

function isJson(response: Response): boolean {
  return /^application\/([\w.+-]+\+)?json\b/.test(response.headers.get('content-type') ?? '')
}

/** problem type of an unpaired device; any other 401 comes from a proxy that requires a log-in */
const UNPAIRED = 'urn:model-studio:not_paired'
const unpaired = { kind: 'unpaired' } as const

async function problemOf(response: Response): Promise<ApiProblem> {
  const detail = response.status >= 500 ? 'The server could not answer. Try again in a moment.' : ''
  const fallback = { status: response.status, title: response.statusText || `HTTP ${response.status}`, detail }
  const retryAfterMs = retryAfter(response.headers.get('retry-after'))
  const requestId = response.headers.get(REQUEST_ID) ?? undefined
  if (!isJson(response)) return new ApiProblem(fallback, { retryAfterMs, requestId })
  try {
    const details = (await response.json()) as object
    const origin = {
      retryAfterMs,
      requestId,
      fromServer: 'title' in details,
      ...('type' in details && details.type === UNPAIRED && unpaired),
    }
    return new ApiProblem({ ...fallback, ...details, status: response.status }, origin)
  } catch {
    return new ApiProblem(fallback, { retryAfterMs, requestId })
  }
}
