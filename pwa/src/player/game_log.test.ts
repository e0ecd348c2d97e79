import { expect, test } from 'vitest'
import type { GameState } from '../generated/wire'
import { GameLog } from './game_log'
import type { Thought } from './types'

const state = (n: number, legal = true): GameState => ({
  seed: 1,
  board: new Array(16).fill(0),
  score: n,
  n_moves: n,
  n_tiles: n + 2,
  legal: [legal, legal, legal, legal],
})

/** A thought of a network with two experts; the number of cells that use the first one is given. */
const thought = (value: number, first = 16): Thought => {
  const layer = Array.from({ length: 32 }, (_, index) => (index % 2 === (index >> 1 < first ? 0 : 1) ? 1 : 0))
  return {
    action: 0,
    probabilities: [],
    logits: [],
    value,
    routing: { c1: { experts: 2, layers: [layer] } },
    attention: {},
    ofMove: null,
    searched: 0 as const,
  }
}

function logOf(moves: number): GameLog {
  const log = new GameLog(state(0))
  log.thought(0, thought(0))
  for (let index = 0; index < moves; index++) {
    log.played(index, 1, state(index + 1))
    log.thought(index + 1, thought(index + 1))
  }
  return log
}

test('the same move again keeps what came after, another one drops it', () => {
  const log = logOf(5)
  log.played(2, 1, state(3))
  expect(log.length).toBe(5)
  log.played(2, 3, state(30))
  log.thought(3, thought(99))
  expect(log.length).toBe(3)
  expect(log.state(3).n_moves).toBe(30)
  expect(log.action(2)).toBe(3)
  expect(log.values).toEqual([0, 1, 2, 99])
  expect(() => log.state(4)).toThrow(RangeError)
})

test('values are handed over from the first that changed', () => {
  const log = logOf(2)
  expect(log.takeChanged()).toEqual({ from: 0, values: [0, 1, 2], actions: [1, 1] })
  expect(log.takeChanged()).toEqual({ from: 3, values: [], actions: [] })
  log.thought(1, thought(1))
  expect(log.takeChanged()).toEqual({ from: 3, values: [], actions: [] })
  log.thought(1, thought(7))
  log.played(2, 0, state(3))
  log.thought(3, thought(3))
  expect(log.takeChanged()).toEqual({ from: 1, values: [7, 2, 3], actions: [1, 1, 0] })
  log.played(0, 2, state(1))
  expect(log.takeChanged()).toEqual({ from: 1, values: [], actions: [2] })
})

test('usage is of the last 100 positions up to the one that is shown', () => {
  const log = logOf(0)
  for (let index = 0; index < 150; index++) {
    log.played(index, 0, state(index + 1))
    log.thought(index + 1, thought(0, index < 50 ? 16 : 4))
  }
  expect(log.usage(0)).toEqual({ c1: [1, 0] })
  expect(log.usage(150)).toEqual({ c1: [0.25, 0.75] })
  expect(log.usage(100).c1?.[0]).toBeCloseTo(0.5 + 0.5 * 0.25)
})

test('a restored game has its values, and usage of the positions that were looked at since', () => {
  const log = new GameLog(state(0))
  for (let index = 0; index < 4; index++) log.played(index, 3, state(index + 1))
  log.restoreValues([5, 6, 7, 8, 9, 10])
  log.thought(2, thought(7, 4))
  expect(log.takeChanged()).toEqual({ from: 0, values: [5, 6, 7, 8, 9], actions: [3, 3, 3, 3] })
  expect(log.usage(2)).toEqual({ c1: [0.25, 0.75] })
})

test('a network without experts has no usage', () => {
  const log = new GameLog(state(0))
  log.thought(0, { ...thought(1), routing: {} })
  expect(log.usage(0)).toEqual({})
})

test('a game is over when its last position has no move', () => {
  const log = logOf(1)
  expect(log.over).toBe(false)
  log.played(1, 0, state(2, false))
  expect(log.over).toBe(true)
})
