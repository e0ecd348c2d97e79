import { describe, expect, it } from 'vitest'
import { moveOfKey, swipeOf } from './actions'
import { seedOf } from './play_state'

describe('a swipe', () => {
  it('is the move of its longer part once it is long enough', () => {
    expect([swipeOf(40, 5), swipeOf(-40, 30), swipeOf(3, 40), swipeOf(10, -40)]).toEqual([1, 3, 2, 0])
    expect([swipeOf(8, 8), swipeOf(0, 0)]).toEqual([null, null])
  })
})

describe('a key', () => {
  it('is a move where it is an arrow', () => {
    expect(['ArrowUp', 'ArrowRight', 'ArrowDown', 'ArrowLeft', 'Enter', 'a'].map(moveOfKey)).toEqual([
      0,
      1,
      2,
      3,
      undefined,
      undefined,
    ])
  })
})

describe('a seed', () => {
  it('is a whole number below 2^31', () => {
    expect(['0', ' 42 ', '2147483647'].map(seedOf)).toEqual([0, 42, 2147483647])
    expect(['', '-1', '1.5', '2147483648', '99999999999', 'x', '1e3'].map(seedOf)).toEqual(Array(7).fill(null))
  })
})
