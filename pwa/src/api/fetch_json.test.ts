import { afterEach, expect, it, vi } from 'vitest'
import { callServer, fetchJson } from './fetch_json'
import { ApiProblem } from './problem'

afterEach(() => vi.unstubAllGlobals())

async function refusal(body: string, init: ResponseInit): Promise<ApiProblem> {
  vi.stubGlobal('fetch', () => Promise.resolve(new Response(body, init)))
  const problem = await callServer('/api/runs').catch((error: unknown) => error)
  if (!(problem instanceof ApiProblem)) throw new Error('it was not refused')
  return problem
}

it('explains an error that the server itself gives no reason for', async () => {
  const problem = await refusal('Internal Server Error', { status: 500, statusText: 'Internal Server Error' })
  expect(problem).toMatchObject({
    status: 500,
    fromServer: false,
    message: 'The server could not answer. Try again in a moment.',
  })
})

it('shows the reason that the server gives', async () => {
  const headers = { 'content-type': 'application/problem+json' }
  const details = { title: 'Service Unavailable', detail: 'The server stops; ask again when it is back' }
  const problem = await refusal(JSON.stringify(details), { status: 503, headers })
  expect(problem).toMatchObject({ status: 503, fromServer: true, message: details.detail })
})

it('distinguishes a device that is not paired from a proxy that requires a log-in', async () => {
  const refused = (type?: string) =>
    refusal(JSON.stringify({ type, title: 'Not paired', detail: '' }), {
      status: 401,
      headers: { 'content-type': 'application/json' },
    })
  expect((await refused('urn:model-studio:not_paired')).kind).toBe('unpaired')
  expect((await refused()).kind).toBe('sign-in')
})

it('names a refusal without a reason by its status', async () => {
  expect((await refusal('no', { status: 404, statusText: 'Not Found' })).message).toBe('Not Found')
})

/** What becomes of a call for JSON, where `fetch` does this. */
async function failureWhen(answer: () => Promise<Response>): Promise<ApiProblem> {
  vi.stubGlobal('fetch', answer)
  const problem = await fetchJson('/api/sync').catch((error: unknown) => error)
  if (!(problem instanceof ApiProblem)) throw new Error('the call succeeded')
  return problem
}

const redirect = () => Object.defineProperty(new Response(null), 'type', { value: 'opaqueredirect' })
const html = () => new Response('<html>Log in</html>', { headers: { 'content-type': 'text/html' } })
const cut = () => new Response('{"epoch": "e', { headers: { 'content-type': 'application/json' } })

it.each([
  ['offline', false, () => Promise.reject(new TypeError('Failed to fetch'))],
  ['unreachable', true, () => Promise.reject(new TypeError('Failed to fetch'))],
  ['timeout', true, () => Promise.reject(new DOMException('too late', 'TimeoutError'))],
  ['portal', true, async () => html()],
  ['portal', true, async () => redirect()],
  ['broken', true, async () => cut()],
])('recognises %s (online: %s)', async (kind, onLine, answer) => {
  vi.stubGlobal('navigator', { onLine })
  expect(await failureWhen(answer)).toMatchObject({ kind, status: 0, unreachable: true, transient: true })
})

it("asks the browser to follow no redirect, since the network's login page would look like an answer", async () => {
  const fetched = vi.fn(async () => Response.json({}))
  vi.stubGlobal('fetch', fetched)
  await fetchJson('/api/health')
  expect(fetched).toHaveBeenCalledWith('/api/health', expect.objectContaining({ redirect: 'manual' }))
})

it('reads how long a busy server asks to wait', async () => {
  const problem = await failureWhen(async () => new Response('busy', { status: 503, headers: { 'retry-after': '30' } }))
  expect(problem).toMatchObject({ kind: 'not-ready', status: 503, retryAfterMs: 30_000, transient: true })
})
