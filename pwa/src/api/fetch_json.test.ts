import { afterEach, expect, it, vi } from 'vitest'
import { callServer } from './fetch_json'
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

it('names a refusal without a reason by its status', async () => {
  expect((await refusal('no', { status: 404, statusText: 'Not Found' })).message).toBe('Not Found')
})
