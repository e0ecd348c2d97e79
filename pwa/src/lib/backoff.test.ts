import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Backoff } from './backoff'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

it('doubles the wait up to its limit, and begins anew after a success', () => {
  const backoff = new Backoff({ firstMs: 1000, maxMs: 5000, random: () => 0.5 })
  expect([1, 2, 3, 4, 5].map(() => backoff.nextMs())).toEqual([1000, 2000, 4000, 5000, 5000])
  backoff.reset()
  expect(backoff.nextMs()).toBe(1000)
})

it('varies each wait by a quarter, so that phones do not come back together', () => {
  const draws = [0, 1, 0.25]
  const backoff = new Backoff({ firstMs: 1000, maxMs: 1000, random: () => draws.shift() ?? 0 })
  expect([1, 2, 3].map(() => backoff.nextMs())).toEqual([750, 1250, 875])
})

it('stays finite after any number of failures', () => {
  const backoff = new Backoff({ firstMs: 500, maxMs: 15_000, random: () => 0.5 })
  for (let failure = 0; failure < 5000; failure += 1) backoff.nextMs()
  expect(backoff.nextMs()).toBe(15_000)
})

it('tells when to try again, on the clock of whoever waits', () => {
  const backoff = new Backoff({ firstMs: 1000, maxMs: 60_000, random: () => 0.5 })
  const triedAt: number[] = []
  const begin = Date.now()
  const tryOnce = (): void => {
    triedAt.push(Date.now() - begin)
    setTimeout(tryOnce, backoff.nextMs())
  }
  tryOnce()
  vi.advanceTimersByTime(7000)
  expect(triedAt).toEqual([0, 1000, 3000, 7000])
})
