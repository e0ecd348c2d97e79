import { afterEach, beforeEach, expect, test, vi } from 'vitest'

const screen = vi.hoisted(() => {
  const page = Object.assign(new EventTarget(), { visibilityState: 'visible' })
  Object.assign(globalThis, { document: page })
  return page
})

import type { CheckpointCreated, RunStatusChanged } from '../generated/wire'
import { liveState } from '../live/live'
import { saveWork } from '../storage/designs'
import { listNetworks } from '../storage/networks'
import { design } from '../sync/test_phones'
import { afterConnecting, fetchSoon, PAUSE_MS, takeRunEvent } from './background_fetch'
import { changeNetworkSettings, fileOf, networksStore } from './networks'
import { activeRuns, type RunEvent, startBackgroundFetch } from './run_events'
import { exportServer, startWithoutNetworks } from './test_networks'

startWithoutNetworks()

let runs = 0
let run: string

beforeEach(async () => {
  runs += 1
  run = `r${runs}`
  const stored = new Map<string, string>()
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => void stored.set(key, value),
  })
  liveState.setState({ connected: true })
  screen.visibilityState = 'visible'
  changeNetworkSettings({ enabled: true, maxBackgroundMb: 10 })
  await saveWork(design('d1'))
})
afterEach(() => vi.useRealTimers())

const status = (value: RunStatusChanged['status']): RunStatusChanged => ({
  ...{ type: 'run_status', seq: 1, run_id: run, design_id: 'd1', status: value, reason: null },
  ...{ phase: null, warning: null, responding: true, last_heartbeat_step: null, total_steps: null },
})
const checkpoint = (steps: number, score: number | null): CheckpointCreated => ({
  ...{ type: 'checkpoint_created', seq: 2, run_id: run, steps, score },
})

/** Take a message, and wait until what it leads to is over. */
async function hear(event: RunEvent): Promise<void> {
  takeRunEvent(event)
  await fetchSoon()
}

const keptIds = async () => (await listNetworks()).map(({ id }) => id)

test('a new best is fetched in the background, with low priority, and a lower score is not', async () => {
  exportServer.addRun(run, 100)
  await hear(status('running'))
  expect(await keptIds()).toEqual([])
  await hear(checkpoint(50, null))
  expect(exportServer.calls).toEqual([])
  await hear(checkpoint(100, 5))
  expect(await keptIds()).toEqual([`${run}-100`])
  expect(exportServer.fetched).toEqual(['best plain background', 'best inspect background'])
  expect(networksStore.getState().lastBackgroundAt).not.toBeNull()
  const calls = exportServer.calls.length
  await hear(checkpoint(150, 4))
  expect(exportServer.calls).toHaveLength(calls)
})

test('a run is fetched at most once in five minutes; what came meanwhile follows, and replaces the one before', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
  exportServer.addRun(run, 100)
  await hear(checkpoint(100, 5))
  exportServer.addRun(run, 200)
  await hear(checkpoint(200, 6))
  vi.advanceTimersByTime(PAUSE_MS - 1)
  await fetchSoon()
  expect(await keptIds()).toEqual([`${run}-100`])
  vi.advanceTimersByTime(1)
  await fetchSoon()
  expect(await keptIds()).toEqual([`${run}-200`])
})

test('the end of a run is not delayed, and a network that was played stays beside the newer one', async () => {
  exportServer.addRun(run, 100)
  await hear(checkpoint(100, 5))
  await fileOf(`${run}-100`, 'plain')
  exportServer.addRun(run, 200)
  await hear(status('finished'))
  expect(await keptIds()).toEqual([`${run}-200`, `${run}-100`])
})

test('nothing is fetched twice', async () => {
  exportServer.addRun(run, 100)
  await hear(checkpoint(100, 5))
  await hear(status('finished'))
  await hear(status('finished'))
  expect(exportServer.fetched).toHaveLength(2)
})

test('a hidden page and a phone without the server fetch once that has changed', async () => {
  exportServer.addRun(run, 100)
  screen.visibilityState = 'hidden'
  await hear(status('finished'))
  expect(exportServer.calls).toEqual([])
  liveState.setState({ connected: false })
  screen.visibilityState = 'visible'
  screen.dispatchEvent(new Event('visibilitychange'))
  await fetchSoon()
  expect(exportServer.calls).toEqual([])
  liveState.setState({ connected: true })
  await fetchSoon()
  expect(await keptIds()).toEqual([`${run}-100`])
})

test('the person can switch it off, and set a limit of size', async () => {
  exportServer.addRun(run, 100)
  changeNetworkSettings({ enabled: false })
  await hear(status('finished'))
  expect(exportServer.calls).toEqual([])
  changeNetworkSettings({ enabled: true, maxBackgroundMb: 0.00001 })
  await fetchSoon()
  expect(exportServer.fetched).toEqual([])
  changeNetworkSettings({ maxBackgroundMb: 1 })
  await hear(status('finished'))
  expect(await keptIds()).toEqual([`${run}-100`])
})

test('nothing is fetched while the phone saves data', async () => {
  exportServer.addRun(run, 100)
  vi.stubGlobal('navigator', { connection: { saveData: true } })
  await hear(status('finished'))
  expect(exportServer.calls).toEqual([])
})

test('a design that is not on this phone brings no network', async () => {
  exportServer.addRun(run, 100)
  await hear({ ...status('finished'), design_id: 'elsewhere' })
  expect(exportServer.fetched).toEqual([])
  expect(networksStore.getState().backgroundTrouble).toBeNull()
})

test('a failure is reported, and the next event tries again', async () => {
  exportServer.addRun(run, 100)
  exportServer.changes = [() => new TypeError('Failed to fetch')]
  await hear(checkpoint(100, 5))
  expect(networksStore.getState().backgroundTrouble).toContain('The server cannot be reached')
  await fetchSoon()
  expect(exportServer.fetched).toHaveLength(1)
  await hear(checkpoint(120, 6))
  expect(await keptIds()).toEqual([`${run}-100`])
  expect(networksStore.getState().backgroundTrouble).toBeNull()
})

test('a run that ended while the app was closed is fetched after connecting', async () => {
  await hear(status('running'))
  expect(activeRuns.read()).toEqual({ [run]: 'd1' })
  exportServer.addRun(run, 100, { status: 'finished' })
  await afterConnecting()
  await fetchSoon()
  expect(await keptIds()).toEqual([`${run}-100`])
  expect(activeRuns.read()).toEqual({})
})

test('the code for it is loaded with the first event, or on connecting where a run was active', async () => {
  const background = { takeRunEvent: vi.fn(), afterConnecting: vi.fn() }
  const load = vi.fn(async () => background as unknown as typeof import('./background_fetch'))
  const stop = startBackgroundFetch(load)
  liveState.setState({ connected: false })
  liveState.setState({ connected: true })
  expect(load).not.toHaveBeenCalled()
  activeRuns.write({ [run]: 'd1' })
  liveState.setState({ connected: false })
  liveState.setState({ connected: true })
  await vi.waitFor(() => expect(background.afterConnecting).toHaveBeenCalledOnce())
  stop()
  liveState.setState({ connected: false })
  liveState.setState({ connected: true })
  expect(load).toHaveBeenCalledOnce()
})
