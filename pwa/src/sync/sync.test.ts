// @vitest-environment jsdom
import 'fake-indexeddb/auto'
import { afterAll, expect, test, vi } from 'vitest'
import type { ModelArchitecture, SyncRequest } from '../generated/wire'
import { closeChannel } from '../storage/changes'
import { enqueueCommand } from '../storage/commands'
import { saveWork } from '../storage/designs'
import { FakeServer } from './fake_server'
import { startSync, syncSoon, syncState } from './sync'

const design = (name: string): ModelArchitecture => ({
  id: 'd1',
  name,
  schema_version: 1,
  meta: { d_model: 128, n_heads: 4, n_experts: 4 },
  components: [],
  edges: [],
})

const server = new FakeServer()
let answer: (request: SyncRequest) => Response | Promise<Response> = (request) => Response.json(server.handle(request))
vi.stubGlobal('fetch', async (_: string, { body }: RequestInit) => answer(JSON.parse(String(body ?? '{"designs":[]}'))))
afterAll(() => {
  vi.unstubAllGlobals()
  closeChannel()
})

const becomes = (expected: object): Promise<void> =>
  vi.waitFor(() => expect(syncState.getState()).toMatchObject(expected), { timeout: 5_000 })

test('the state follows what happens to designs and calls', { timeout: 30_000 }, async () => {
  const wellAnswered = answer
  expect(syncState.getState()).toMatchObject({ status: 'saved-on-phone', waiting: 0 })
  startSync()
  await becomes({ status: 'saved-on-server', waiting: 0 })

  await saveWork(design('first'))
  await becomes({ waiting: 1 })
  await becomes({ status: 'saved-on-server', waiting: 0 })
  expect(server.documents().d1?.name).toBe('first')

  answer = () => Promise.reject(new TypeError('Failed to fetch'))
  await saveWork(design('offline'))
  await enqueueCommand('compile', 'd1')
  await becomes({ status: 'waiting', waiting: 1, failure: 'unreachable', failing: true })

  answer = () => new Response('<html>Log in to this network</html>', { headers: { 'content-type': 'text/html' } })
  syncSoon('test')
  await becomes({ status: 'waiting', waiting: 1, failure: 'portal' })

  answer = () => Response.json({ hello: 'from something else' })
  syncSoon('test')
  await becomes({ status: 'waiting', failure: 'foreign' })

  answer = wellAnswered
  dispatchEvent(new Event('online'))
  await becomes({ status: 'saved-on-server', waiting: 0, detail: undefined, failing: false })
  expect(server.started).toEqual(['compile offline'])

  server.unreadable = ['d9']
  syncSoon('test')
  await becomes({ status: 'attention', waiting: 0, detail: 'd9 cannot be read', failing: false })
  server.unreadable = []
  syncSoon('test')
  await becomes({ status: 'saved-on-server', detail: undefined })

  server.refuse = () => true
  await saveWork(design('refused'))
  await becomes({ status: 'attention', waiting: 0, detail: 'd1 is bad' })
  server.refuse = () => false
  await saveWork(design('fixed'))
  await becomes({ status: 'saved-on-server' })
  expect(server.documents().d1?.name).toBe('fixed')
})
