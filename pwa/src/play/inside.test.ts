import { describe, expect, it } from 'vitest'
import { expertsOf, largestDrop, looksOf } from './inside'

describe('the experts of a cell', () => {
  it('are those with a gate weight, the strongest first', () => {
    const weights = Array(16 * 3).fill(0)
    weights.splice(5 * 3, 3, 0.3, 0, 0.7)
    const routing = { experts: 3, layers: [weights] }
    expect(expertsOf(routing, 5)).toEqual([
      { expert: 2, weight: 0.7 },
      { expert: 0, weight: 0.3 },
    ])
    expect(expertsOf(routing, 4)).toEqual([])
    expect(expertsOf({ experts: 3, layers: [] }, 5)).toEqual([])
  })
})

describe('the attention of a cell', () => {
  const weights = new Float32Array(2 * 16 * 16)
  weights[(0 * 16 + 3) * 16 + 7] = 1
  weights[(1 * 16 + 3) * 16 + 8] = 0.5

  it('is the row of the cell in a head', () => {
    expect(looksOf({ heads: 2, weights }, 3, 0).indexOf(1)).toBe(7)
    expect(looksOf({ heads: 2, weights }, 3, 1)[8]).toBe(0.5)
    expect(looksOf({ heads: 2, weights }, 4, 1).every((weight) => weight === 0)).toBe(true)
  })

  it('is the mean over the heads without a head', () => {
    const mean = looksOf({ heads: 2, weights }, 3, null)
    expect([mean[7], mean[8], mean[9]]).toEqual([0.5, 0.25, 0])
  })
})

describe('the largest drop', () => {
  it('is the steepest fall between two positions', () => {
    expect(largestDrop([5, 4, 8, 3, 9, 8])).toEqual({ at: 2, from: 8, to: 3 })
  })

  it('is the first of two that are alike, and none where the value only grows', () => {
    expect(largestDrop([5, 4, 5, 4])).toEqual({ at: 0, from: 5, to: 4 })
    expect(largestDrop([1, 1, 2])).toBeNull()
    expect(largestDrop([])).toBeNull()
  })
})
