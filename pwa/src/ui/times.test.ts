import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { momentOf, timeOfDay, timeOrDay } from './times'

const at = new Date(2026, 10, 3, 14, 32)
const later = (days: number) => vi.setSystemTime(new Date(2026, 10, 3 + days, 18))

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('gives the time of today, and the day of earlier times', () => {
  later(0)
  expect(timeOfDay(at)).toMatch(/32/)
  expect([timeOrDay(at), momentOf(at)]).toEqual([timeOfDay(at), timeOfDay(at)])
  later(1)
  expect(timeOrDay(at)).toMatch(/3/)
  expect(timeOrDay(at)).not.toContain('32')
  expect(momentOf(at)).toBe(`${timeOrDay(at)}, ${timeOfDay(at)}`)
})
