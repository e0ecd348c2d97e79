import { expect, it } from 'vitest'
import { blockKinds } from './catalogue'
import { PATTERN_SETS } from './pattern_sets'
import { patternsOf, patternWords, toggled } from './patterns'

const form = blockKinds.flatMap(({ properties }) => properties).find(({ type }) => type === 'patterns')

it('offers the default of the block first, and only sets that the block takes', () => {
  expect(PATTERN_SETS[0]?.patterns).toEqual(form?.default)
  for (const { patterns } of PATTERN_SETS) {
    expect(patterns.length).toBeLessThanOrEqual(form?.max_items ?? 0)
    for (const cells of patterns) {
      expect(new Set(cells).size).toBe(cells.length)
      expect(cells.length).toBeLessThanOrEqual(form?.max_cells ?? 0)
    }
  }
})

it('adds a cell in the order of the board, removes it, and keeps the last one', () => {
  expect(toggled([0, 5], 3)).toEqual([0, 3, 5])
  expect(toggled([0, 3, 5], 3)).toEqual([0, 5])
  expect(toggled([7], 7)).toEqual([7])
})

it('reads what is no list of patterns as far as it is one', () => {
  expect(patternsOf([[0, 1], 'x', [2, null]])).toEqual([[0, 1], [], [2]])
  expect(patternsOf(undefined)).toEqual([])
})

it('says patterns in few words', () => {
  expect(
    patternWords([
      [0, 1, 2, 3],
      [4, 5],
    ]),
  ).toBe('2 × 2, 4 cells')
})
