import { describe, expect, it } from 'vitest'
import type { Motion, PlayedMove } from '../generated/wire'
import { moveTiles, tilesOf } from './tiles'

const empty = (): number[] => Array(16).fill(0)
const boardOf = (cells: Record<number, number>): number[] => Object.assign(empty(), cells)

function moveTo(after: Record<number, number>, motions: Motion[], [new_cell, new_exponent]: [number, number]): PlayedMove {
  const board = boardOf({ ...after, [new_cell]: new_exponent })
  const state = { seed: 1, board, score: 4, n_moves: 1, n_tiles: 3, legal: [true, true, true, true] }
  return { action: 3, points: 4, afterstate: boardOf(after), new_cell, new_exponent, motions, state } as PlayedMove
}

describe('tiles', () => {
  it('keep their identity when they slide, merge under a new tile, and get a new neighbour', () => {
    const before = tilesOf(boardOf({ 1: 1, 3: 1, 7: 2 }))
    const [first, second, third] = before.map(({ id }) => id)
    const motions = [
      { source: 1, target: 0, merges: true },
      { source: 3, target: 0, merges: true },
      { source: 7, target: 4, merges: false },
    ]
    const after = moveTiles(before, moveTo({ 0: 2, 4: 2 }, motions, [15, 1]))
    expect(after.map(({ id, cell, exponent, how }) => [id, cell, exponent, how])).toEqual([
      [first, 0, 1, 'covered'],
      [second, 0, 1, 'covered'],
      [third, 4, 2, 'still'],
      [expect.any(Number), 0, 2, 'merged'],
      [expect.any(Number), 15, 1, 'new'],
    ])
    expect(new Set(after.map(({ id }) => id)).size).toBe(5)
    const next = moveTiles(after, moveTo({ 4: 2, 8: 2, 15: 1 }, [{ source: 0, target: 8, merges: false }], [1, 1]))
    expect(next.every(({ how }) => how === 'still')).toBe(true)
  })

  it('are those of the board where a move does not follow from them', () => {
    const board = { 0: 2, 4: 2, 15: 1 }
    const stranger = moveTo({ 0: 2, 4: 2 }, [{ source: 9, target: 0, merges: false }], [15, 1])
    const after = moveTiles(tilesOf(boardOf({ 1: 1 })), stranger)
    expect(after.map(({ cell, exponent, how }) => [cell, exponent, how])).toEqual(
      Object.entries(board).map(([cell, exponent]) => [Number(cell), exponent, 'still']),
    )
    const withoutMotions = moveTo({ 0: 2, 4: 2 }, [], [15, 1])
    expect(moveTiles(tilesOf(boardOf({ 1: 1 })), withoutMotions)).toHaveLength(3)
  })
})
