import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { PROBE_MS, STUCK_AFTER_MS, Watchdog } from './watchdog'

let answers: boolean
let reported: boolean[]
let probe: ReturnType<typeof vi.fn<() => Promise<boolean>>>
let watchdog: Watchdog

beforeEach(() => {
  vi.useFakeTimers()
  answers = true
  reported = []
  probe = vi.fn(async () => answers)
  watchdog = new Watchdog(probe, (stuck) => reported.push(stuck))
})
afterEach(() => {
  watchdog.observe([])
  vi.useRealTimers()
})

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

it('case 29: reports what waits for a minute while the server answers, and nothing earlier', async () => {
  watchdog.observe(['d1 #5'])
  await pass(STUCK_AFTER_MS - 1)
  expect(reported).toEqual([])
  await pass(1)
  expect(reported).toEqual([true])
  watchdog.observe([])
  expect(reported).toEqual([true, false])
})

it('does not count the time in which the server does not answer', async () => {
  answers = false
  watchdog.observe(['d1 #5'])
  await pass(10 * STUCK_AFTER_MS)
  expect(reported).toEqual([])
  answers = true
  await pass(STUCK_AFTER_MS - PROBE_MS)
  expect(reported).toEqual([])
  await pass(PROBE_MS)
  expect(reported).toEqual([true])
  answers = false
  await pass(PROBE_MS)
  expect(reported).toEqual([true, false])
})

it('counts anew for what has made progress, but not for what waits beside it', async () => {
  for (let change = 0; change < 6; change += 1) {
    watchdog.observe([`d1 #${change}`])
    await pass(STUCK_AFTER_MS / 2)
  }
  expect(reported).toEqual([])
  watchdog.observe(['d1 #6', 'd2 #3'])
  await pass(STUCK_AFTER_MS / 2)
  watchdog.observe(['d1 #7', 'd2 #3'])
  await pass(STUCK_AFTER_MS / 2)
  expect(reported).toEqual([true])
  watchdog.observe(['d1 #7'])
  expect(reported).toEqual([true, false])
})

it('asks the server nothing while nothing waits', async () => {
  watchdog.observe(['d1 #5'])
  await pass(PROBE_MS)
  watchdog.observe([])
  await pass(10 * STUCK_AFTER_MS)
  expect(probe).toHaveBeenCalledOnce()
})
