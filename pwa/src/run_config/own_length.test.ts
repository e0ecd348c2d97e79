import { expect, it } from 'vitest'
import { minutesOf, movesIn, problemOfLength } from './own_length'

/** 20 s of start and test games, and 1000 moves a second */
const timed = [120, 900, 7200].map((seconds) => ({ seconds, moves: (seconds - 20) * 1000 }))

it('finds the moves that fit into a time, what comes beside them included', () => {
  expect([60, 120, 600, 7200, 14_400].map((seconds) => movesIn(seconds, timed))).toEqual([
    40_000, 100_000, 580_000, 7_180_000, 14_380_000,
  ])
  expect(movesIn(10, timed)).toBe(Math.round(100_000 / 12))
  expect(movesIn(60, timed.slice(0, 1))).toBe(50_000)
})

it('shows the minutes of the run, with tenths where it is short', () => {
  expect(minutesOf(17_000, 37, timed)).toBe(0.6)
  expect(minutesOf(100_000, 120, timed)).toBe(2)
  expect(minutesOf(100_000, 89, timed)).toBe(1.5)
  expect(minutesOf(880_000, 910, timed)).toBe(15)
  expect(minutesOf(7_180_000, undefined, timed)).toBe(120)
})

it('says why a length is refused', () => {
  expect(problemOfLength('0.1', true)).toBe('At least 1 minute')
  expect(problemOfLength('0', false)).toBe('At least 1 move')
  expect(problemOfLength('', true)).toBe('A number is needed')
  expect(problemOfLength('2.5', false)).toBe('A whole number of moves')
  expect(problemOfLength('2.5', true)).toBeUndefined()
})
