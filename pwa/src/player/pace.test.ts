import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Pace } from './pace'
import type { Speed } from './types'

vi.mock('../lib/pause', () => ({ pause: async () => {} }))

let pace: Pace
beforeEach(() => {
  vi.useFakeTimers({ now: 1_000 })
  pace = new Pace()
})
afterEach(() => vi.useRealTimers())

/** The times at which moves are due, in ms since now. */
async function dueTimes(speed: Speed, count: number, thinkMs = 0): Promise<number[]> {
  const start = performance.now()
  const times: number[] = []
  const playing = (async () => {
    for (let move = 0; move < count; move++) {
      await pace.next(speed)
      times.push(Math.round(performance.now() - start))
      if (thinkMs) await new Promise((resolve) => setTimeout(resolve, thinkMs))
    }
  })()
  await vi.advanceTimersByTimeAsync(60_000)
  await playing
  return times
}

test('the first move is due at once, the others after an interval', async () => {
  expect(await dueTimes(2, 4)).toEqual([0, 500, 1000, 1500])
})

test('time for thinking does not add up', async () => {
  expect(await dueTimes(5, 4, 80)).toEqual([0, 200, 400, 600])
})

test('moves that take longer than the interval are not caught up with', async () => {
  expect(await dueTimes(10, 3, 300)).toEqual([0, 300, 600])
})

test('as fast as possible is without waiting', async () => {
  expect(await dueTimes('max', 3)).toEqual([0, 0, 0])
})

test('an interrupt ends the wait', async () => {
  await pace.next(1)
  let due = false
  const next = pace.next(1).then(() => {
    due = true
  })
  await vi.advanceTimersByTimeAsync(10)
  expect(due).toBe(false)
  pace.interrupt()
  await next
  expect(due).toBe(true)
})

test('no move is due while the page is hidden', async () => {
  pace.setHidden(true)
  let due = false
  const next = pace.next('max').then(() => {
    due = true
  })
  await vi.advanceTimersByTimeAsync(10_000)
  pace.interrupt()
  await vi.advanceTimersByTimeAsync(10_000)
  expect(due).toBe(false)
  pace.setHidden(false)
  await next
  expect(due).toBe(true)
})

test('all that waited while the page was hidden go on', async () => {
  pace.setHidden(true)
  const waiting = [pace.next('max'), pace.next('max'), pace.next(1)]
  await vi.advanceTimersByTimeAsync(10)
  pace.setHidden(false)
  await Promise.all(waiting)
  expect(vi.getTimerCount()).toBe(0)
})

test('moves a second are those of the last second', async () => {
  expect(pace.movesPerSecond).toBe(0)
  for (let move = 0; move < 30; move++) {
    pace.made(1)
    await vi.advanceTimersByTimeAsync(100)
  }
  expect(pace.movesPerSecond).toBeCloseTo(10)
  for (let move = 0; move < 30; move++) {
    pace.made(4)
    await vi.advanceTimersByTimeAsync(100)
  }
  expect(pace.movesPerSecond).toBeGreaterThan(38)
  expect(pace.movesPerSecond).toBeLessThan(46)
})
