import { describe, expect, it } from 'vitest'
import { largestDrop } from './inside'

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
