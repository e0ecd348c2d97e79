import { afterEach, expect, it, vi } from 'vitest'
import { ask } from './fetch_json'
import { ApiProblem } from './problem'

afterEach(() => vi.unstubAllGlobals())

async function refusal(body: string, init: ResponseInit): Promise<ApiProblem> {
  vi.stubGlobal('fetch', () => Promise.resolve(new Response(body, init)))
  const problem = await ask('/api/runs').catch((error: unknown) => error)
  if (!(problem instanceof ApiProblem)) throw new Error('it was not refused')
  return problem
}

it('says what to do where a server breaks off without a word of its own', async () => {
  const problem = await refusal('Internal Server Error', { status: 500, statusText: 'Internal Server Error' })
  expect(problem).toMatchObject({
    status: 500,
    fromServer: false,
    message: 'The server could not answer. Try again in a moment.',
  })
})

it('lets the server speak for itself', async () => {
  const headers = { 'content-type': 'application/problem+json' }
  const told = { title: 'Service Unavailable', detail: 'The server stops; ask again when it is back' }
  const problem = await refusal(JSON.stringify(told), { status: 503, headers })
  expect(problem).toMatchObject({ status: 503, fromServer: true, message: told.detail })
})

it('names a refusal that has no words by its status', async () => {
  expect((await refusal('no', { status: 404, statusText: 'Not Found' })).message).toBe('Not Found')
})
