import 'fake-indexeddb/auto'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { callServer } from '../api/fetch_json'
import { liveState } from '../live/live'
import { closeChannel } from '../storage/changes'
import { withDatabase } from '../storage/database'
import { readConsent, readQueue } from '../storage/telemetry'
import { syncState } from '../sync/sync'
import { giveConsent } from './consent'
import { forgetErrors } from './errors'
import { recordEvent } from './record'
import { startTelemetry } from './recorder'

const problem = (path: string) =>
  new Response(JSON.stringify({ title: 'Something went wrong', detail: 'My secret design', status: 500 }), {
    status: 500,
    headers: { 'content-type': 'application/problem+json', 'x-request-id': `of ${path}`.replace(/\W+/g, '-') },
  })

// without a listener the test environment takes an error event for a failure of the test
addEventListener('error', () => {})

beforeEach(async () => {
  vi.stubGlobal('fetch', async (path: string) => problem(path))
  forgetErrors()
  liveState.setState({ connected: false })
  syncState.setState(syncState.getInitialState(), true)
  await startTelemetry()
})
afterEach(async () => {
  await giveConsent(false)
  closeChannel()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const events = async () => (await readQueue())?.events ?? []
const rows = () => withDatabase((db) => db.getAll('telemetry'))
const thrown = () => Object.assign(new TypeError('My secret design'), { stack: `at go (${location.origin}/assets/app.js:7:8)` })
const fail = (error: unknown) => dispatchEvent(new ErrorEvent('error', { error, message: String(error) }))

it('records nothing before a yes, whatever happens', async () => {
  fail(thrown())
  await callServer('/api/runs').catch(() => {})
  await recordEvent({ type: 'export', designId: 'd1', fmt: 'onnx' })
  expect(await rows()).toEqual([])
})

it('records errors of the page without their message, the same one once in a minute', async () => {
  await giveConsent(true)
  fail(thrown())
  fail(thrown())
  dispatchEvent(Object.assign(new Event('unhandledrejection'), { reason: new DOMException('secret', 'AbortError') }))
  fail('a text')
  dispatchEvent(new ErrorEvent('error', { message: 'ResizeObserver loop completed with undelivered notifications.' }))
  await vi.waitFor(async () => expect(await events()).toHaveLength(3))
  expect(await events()).toMatchObject([
    { type: 'client_error', name: 'TypeError', stack: 'app.js:7:8' },
    { name: 'AbortError' },
    { name: 'Thrown', stack: '' },
  ])
  expect(JSON.stringify(await rows())).not.toContain('secret')
})

it('records an error of a worker by its place', async () => {
  await giveConsent(true)
  const filename = `${location.origin}/assets/worker-X1.js`
  dispatchEvent(new ErrorEvent('error', { message: 'Uncaught RangeError: secret', filename, lineno: 3, colno: 4 }))
  await vi.waitFor(async () => expect(await events()).toMatchObject([{ name: 'RangeError', stack: 'worker-X1.js:3:4' }]))
})

it('records a failed call with status and request id, but not one about telemetry', async () => {
  await giveConsent(true)
  await callServer('/api/telemetry?device_id=t1').catch(() => {})
  await callServer('/api/runs').catch((error: unknown) => {
    // nobody handles it
    dispatchEvent(Object.assign(new Event('unhandledrejection'), { reason: error }))
  })
  await vi.waitFor(async () => expect(await events()).toHaveLength(1))
  expect(await events()).toMatchObject([{ name: 'ApiProblem', status: 500, request_id: 'of-api-runs' }])
  expect(JSON.stringify(await rows())).not.toContain('secret')
})

it('records the time without the server once it is reached again', async () => {
  vi.useFakeTimers({ toFake: ['performance', 'setInterval', 'clearInterval'] })
  await giveConsent(true)
  liveState.setState({ connected: true })
  syncState.setState({ lastSyncedAt: '2026-11-30T09:00:00Z' })
  liveState.setState({ connected: false })
  vi.advanceTimersByTime(6_000)
  await vi.waitFor(async () => expect((await readConsent())?.offlineMs).toBe(5_000))
  syncState.setState({ failing: true, failure: 'unreachable' })
  vi.advanceTimersByTime(3_000)
  expect(await events()).toEqual([])
  syncState.setState({ failing: false, failure: undefined, lastSyncedAt: '2026-11-30T10:00:00Z' })
  await vi.waitFor(async () => expect(await events()).toMatchObject([{ type: 'offline_seconds', seconds: expect.closeTo(9, 0) }]))
})

it('is not offline while the server refuses this phone', async () => {
  vi.useFakeTimers({ toFake: ['performance', 'setInterval', 'clearInterval'] })
  await giveConsent(true)
  syncState.setState({ failing: true, failure: 'unpaired' })
  vi.advanceTimersByTime(9_000)
  liveState.setState({ connected: true })
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setTimeout(resolve))
  expect(await events()).toEqual([])
})

it('stops at a no', async () => {
  await giveConsent(true)
  fail(thrown())
  await vi.waitFor(async () => expect(await rows()).toHaveLength(1))
  await giveConsent(false)
  fail(new RangeError('later'))
  await recordEvent({ type: 'export', designId: 'd1', fmt: 'onnx' })
  expect(await rows()).toEqual([])
})
