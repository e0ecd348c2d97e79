/** One fetch for every call: JSON in, JSON out, anything else becomes an `ApiProblem`; it knows no path. */
import { ApiProblem } from './problem'

type Asked = RequestInit & { json?: unknown; timeoutMs?: number }

const TIMEOUT_MS = 30_000

/** Ask and return the answer itself; throws `ApiProblem` when there is none or when it is an error. */
export async function ask(path: string, { json, timeoutMs = TIMEOUT_MS, ...init }: Asked = {}): Promise<Response> {
  const headers = new Headers(init.headers)
  if (json !== undefined) headers.set('content-type', 'application/json')
  const deadline = AbortSignal.timeout(timeoutMs)
  // phones before 2024 cannot join two signals: there the caller's own one counts
  const signal = init.signal ? (AbortSignal.any?.([init.signal, deadline]) ?? init.signal) : deadline
  let answer: Response
  try {
    answer = await fetch(path, { ...init, headers, signal, body: json === undefined ? init.body : JSON.stringify(json) })
  } catch (error) {
    if (init.signal?.aborted) throw error
    throw new ApiProblem(
      { status: 0, title: 'The server cannot be reached', detail: 'The server cannot be reached.' },
      { cause: error },
    )
  }
  if (!answer.ok) throw await problemOf(answer)
  return answer
}

/** Ask and read the answer as JSON; HTML (a captive portal, a proxy's page) is not an answer. */
export async function fetchJson<T>(path: string, asked: Asked = {}): Promise<T> {
  const answer = await ask(path, asked)
  if (!speaksJson(answer)) {
    throw new ApiProblem({ status: 0, title: 'Something else answered', detail: 'This network did not let the server answer.' })
  }
  try {
    return (await answer.json()) as T
  } catch (error) {
    throw new ApiProblem(
      { status: 0, title: 'The answer broke off', detail: 'The answer of the server broke off.' },
      { cause: error },
    )
  }
}

function speaksJson(answer: Response): boolean {
  return /^application\/([\w.+-]+\+)?json\b/.test(answer.headers.get('content-type') ?? '')
}

async function problemOf(answer: Response): Promise<ApiProblem> {
  const detail = answer.status >= 500 ? 'The server could not answer. Try again in a moment.' : ''
  const fallback = { status: answer.status, title: answer.statusText || `HTTP ${answer.status}`, detail }
  const retryAfterMs = 1000 * (Number(answer.headers.get('retry-after')) || 0)
  if (!speaksJson(answer)) return new ApiProblem(fallback, { retryAfterMs })
  try {
    const told = (await answer.json()) as object
    return new ApiProblem({ ...fallback, ...told, status: answer.status }, { retryAfterMs, fromServer: 'title' in told })
  } catch {
    return new ApiProblem(fallback, { retryAfterMs })
  }
}
