import { describe, expect, it } from 'vitest'
import { expertsIn, expertsOf, expertTexts, isOfBoard, lookIn, looksOf, lookTexts } from './overlay'

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

it('has the experts of the whole board on every cell', () => {
  const routing = { experts: 3, layers: [[0, 0.9, 0]] }
  expect(isOfBoard(routing)).toBe(true)
  expect(isOfBoard({ experts: 3, layers: [Array(48).fill(0)] })).toBe(false)
  expect(expertTexts(routing)).toEqual(Array(16).fill('1'))
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

  it('is written on cells that get a part of it, and veils the others', () => {
    const looks = lookTexts({ heads: 2, weights }, 3, null).map(lookIn)
    expect(looks[7]).toEqual({ veil: 0, words: '50 %', isShown: true })
    expect(looks[8]).toEqual({ veil: 0.41, words: '25 %', isShown: true })
    expect(looks[9]).toEqual({ veil: 0.82, words: '0 %', isShown: false })
    expect(lookTexts({ heads: 2, weights }, 3, 9)).toEqual(lookTexts({ heads: 2, weights }, 3, null))
  })
})

it('writes the two first experts of each cell', () => {
  const weights = Array(16 * 3).fill(0)
  weights.splice(5 * 3, 3, 0.3, 0.1, 0.6)
  const texts = expertTexts({ experts: 3, layers: [weights] })
  expect(texts.map(expertsIn)).toEqual(Array.from({ length: 16 }, (_, cell) => (cell === 5 ? [2, 0] : [])))
})
