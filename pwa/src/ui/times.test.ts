import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { agoWords, momentOf, momentsOf, timeOfDay, timeOrDay } from './times'

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

it('tells moments of the same minute apart by seconds, and of the same second by a number', () => {
  later(0)
  const second = (value: number) => new Date(2026, 10, 3, 14, 32, value)
  const [one, two, other] = momentsOf([second(5), second(41), new Date(2026, 10, 3, 14, 33)])
  expect([one, two]).toEqual([expect.stringMatching(/32.05/), expect.stringMatching(/32.41/)])
  expect(other).toBe(timeOfDay(new Date(2026, 10, 3, 14, 33)))
  const [first, again] = momentsOf([second(5), second(5)])
  expect([first, again]).toEqual([one, `${one} (2)`])
})

it('says how long ago something was', () => {
  const ago = (seconds: number) => agoWords(at, new Date(at.getTime() + 1000 * seconds))
  expect([ago(0), ago(29), ago(45), ago(300)]).toEqual(['just now', 'just now', '45 s ago', '5 min ago'])
  expect([ago(5400), ago(86_399), ago(86_400), ago(200_000)]).toEqual(['1 h ago', '23 h ago', '1 day ago', '2 days ago'])
  expect(ago(-90_000), 'a clock that was set back').toBe('just now')
})
