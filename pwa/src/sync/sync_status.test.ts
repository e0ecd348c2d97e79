// @vitest-environment jsdom
import 'fake-indexeddb/auto'
import { afterAll, expect, test, vi } from 'vitest'
import { closeChannel } from '../storage/changes'
import { cancelCommand, commandState, enqueueCommand } from '../storage/commands'
import { saveWork } from '../storage/designs'
import { FakeServer } from './fake_server'
import { startSync, syncState, tryNow } from './sync'
import { syncIfWaiting } from './sync_session'
import { design, settled } from './test_phones'
import { STUCK_AFTER_MS } from './watchdog'

const server = new FakeServer()
const sync = (body: string) => async () => Response.json(await server.post(JSON.parse(body)))
const noServer = () => Promise.reject(new TypeError('Failed to fetch'))
/** what happens to a call: to `/api/health`, and to `/api/sync` with this body */
let onHealth: () => Promise<Response> = async () => Response.json({ status: 'ok' })
let onSync: (body: string) => Promise<Response> = (body) => sync(body)()
const calls: string[] = []
vi.stubGlobal('fetch', (path: string, { body }: RequestInit) => {
  calls.push(path)
  return path === '/api/health' ? onHealth() : onSync(String(body))
})
vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'] })
afterAll(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
  closeChannel()
})

/** In steps, so that what a timer starts is done before the next one. */
async function passes(ms: number): Promise<void> {
  for (let left = ms; left >= 0; left -= 1_000) {
    await vi.advanceTimersByTimeAsync(Math.min(left, 1_000))
    await settled()
  }
}

function works(): void {
  onHealth = async () => Response.json({ status: 'ok' })
  onSync = (body) => sync(body)()
}

const state = () => syncState.getState()

test('the state says what waits and why, and is honest about what the server may have', async () => {
  startSync()
  await passes(500)

  onHealth = noServer
  onSync = noServer
  await saveWork(design('d1', [], 'First'))
  const compile = await enqueueCommand('compile', 'd1')
  await passes(500)
  expect(state()).toMatchObject({ status: 'waiting', waiting: 1, failing: true, failure: 'unreachable', stuck: false })
  expect(state().items).toEqual([
    { id: 'd1', kind: 'design', name: 'First', change: 'new', sent: false },
    { id: compile, kind: 'compile', name: 'First', change: null, sent: false },
  ])
  // the server was asked first, so that no call has carried the command
  expect((await commandState(compile))?.sent).toBe(false)
  expect(await cancelCommand(compile)).toBe(true)

  works()
  const train = await enqueueCommand('train', 'd1')
  onSync = noServer
  await tryNow()
  await passes(0)
  expect(state().items.at(-1)).toMatchObject({ kind: 'train', sent: true })
  expect(await cancelCommand(train)).toBe(false)

  works()
  await tryNow()
  await passes(0)
  expect(state()).toMatchObject({ status: 'saved-on-server', items: [], failing: false })
  expect(server.started).toEqual(['train First'])
})

test('case 23: until the time that the server asks to wait no call is made, unless the person asks for one', async () => {
  const headers = { 'content-type': 'application/problem+json', 'retry-after': '120' }
  const busy = () => new Response(JSON.stringify({ title: 'Busy', status: 503, detail: '' }), { status: 503, headers })
  onSync = async () => busy()
  await saveWork(design('d1', ['c0'], 'First'))
  await passes(1_000)
  expect(state()).toMatchObject({ failing: true, failure: 'not-ready', waiting: 1 })
  works()
  const syncCalls = () => calls.filter((path) => path === '/api/sync').length
  const before = syncCalls()
  await saveWork(design('d1', ['c0', 'c1'], 'First'))
  await passes(100_000)
  expect(syncCalls()).toBe(before)
  // the service worker, which the browser wakes, waits too, and lets the browser try again later
  await expect(syncIfWaiting()).rejects.toMatchObject({ kind: 'not-ready', status: 503 })
  expect(syncCalls()).toBe(before)
  await passes(25_000)
  expect(state()).toMatchObject({ status: 'saved-on-server', waiting: 0 })

  onSync = async () => busy()
  await saveWork(design('d1', [], 'First'))
  await passes(1_000)
  works()
  await tryNow()
  await passes(0)
  expect(state()).toMatchObject({ status: 'saved-on-server', failing: false, stuck: false })

  onSync = async () => busy()
  await saveWork(design('d1', ['c0'], 'First'))
  await expect(syncIfWaiting()).rejects.toMatchObject({ kind: 'not-ready' })
  works()
  const called = syncCalls()
  await passes(100_000)
  expect(syncCalls(), 'a page waits where the service worker was asked to').toBe(called)
  expect(state()).toMatchObject({ failing: true, failure: 'not-ready' })
  await passes(25_000)
  expect(state()).toMatchObject({ status: 'saved-on-server', waiting: 0 })
})

test('case 29: a sync that makes no progress for a minute although the server answers is reported until it does', async () => {
  works()
  onSync = noServer
  await saveWork(design('d1', ['c1'], 'First'))
  await passes(STUCK_AFTER_MS - 5_000)
  expect(state().stuck).toBe(false)
  await passes(10_000)
  expect(state()).toMatchObject({ stuck: true, failing: true })
  works()
  await tryNow()
  await passes(0)
  expect(state()).toMatchObject({ stuck: false, status: 'saved-on-server' })
})

test('a call that never ends is stuck too', async () => {
  onSync = () => new Promise(() => {})
  await saveWork(design('d1', ['c1', 'c2'], 'First'))
  await passes(STUCK_AFTER_MS + 5_000)
  expect(state()).toMatchObject({ stuck: true, running: true })
})
