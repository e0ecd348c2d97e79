import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ValueUnit } from '../generated/wire'
import { RulesPort } from '../python/rules_port'
import { readTree, type SearchParts, searchWorths, worthsOf } from './search'
import { TestRules } from './test_rules'

const UNIT: ValueUnit = { gamma: 0.97, reward: 'points' }
const BOARD = [1, 2, 0, 3, 2, 4, 3, 0, 5, 1, 2, 6, 3, 7, 1, 2]
const STUCK = [4, 1, 3, 2, 5, 6, 1, 4, 2, 3, 4, 8, 7, 6, 1, 2]

let process: TestRules
let rules: RulesPort
beforeAll(() => {
  process = new TestRules()
  rules = new RulesPort()
  const { port1, port2 } = new MessageChannel()
  process.offer(port1)
  rules.connect(port2)
})
afterAll(() => process.end())

const sum = (cells: ArrayLike<number>): number =>
  Array.from(cells).reduce((total, exponent, cell) => total + Math.sin(exponent * (cell + 1)), 0) / 16

/** a value that is no rule of the game */
const values = async (cells: Uint8Array): Promise<Float32Array> =>
  Float32Array.from({ length: cells.length / 16 }, (_, board) => sum(cells.subarray(16 * board, 16 * board + 16)))

const always = () => true

const parts = (asked: SearchParts['values']): SearchParts => ({ rules, values: asked, unit: UNIT, slice: { leaves: 16 } })

/** What the moves are worth, by plain recursion. */
async function recursion(board: readonly number[], depth: number): Promise<number[]> {
  const worths: number[] = []
  for (const after of await rules.boardsAfter(board)) {
    if (after.join() === board.join()) {
      worths.push(Number.NEGATIVE_INFINITY)
      continue
    }
    const empty = after.flatMap((exponent, cell) => (exponent === 0 ? [cell] : []))
    let mean = 0
    for (const cell of empty) {
      for (const [exponent, chance] of [
        [1, 0.9],
        [2, 0.1],
      ] as const) {
        const next = after.with(cell, exponent)
        const ahead = depth > 1 ? await recursion(next, depth - 1) : [sum(next)]
        mean += (chance * Math.max(...ahead)) / empty.length
      }
    }
    const points = pointsOf(board, after)
    worths.push(points / 20_000 + 0.97 * mean)
  }
  return worths
}

/** Points of a move: what the tiles of the board gained by merging. */
function pointsOf(before: readonly number[], after: readonly number[]): number {
  // a tile 2^e is worth (e - 1) 2^e points by the time it is there, if it grew out of 2s
  const worth = (board: readonly number[]) => board.reduce((total, e) => total + (e > 0 ? (e - 1) * 2 ** e : 0), 0)
  return worth(after) - worth(before)
}

describe('a search', () => {
  it('is the plain recursion over the same rules', async () => {
    for (const depth of [1, 2] as const) {
      const found = await searchWorths([BOARD], depth, parts(values), always)
      const expected = await recursion(BOARD, depth)
      for (const [move, worth] of expected.entries()) expect(found?.[0]?.[move]).toBeCloseTo(worth, 5)
    }
  }, 60_000)

  it('takes many boards in several trees, and a board without a move among them', async () => {
    const boards = Array.from({ length: 9 }, (_, index) => (index === 4 ? STUCK : BOARD.with(0, index + 1)))
    const together = await searchWorths(boards, 2, parts(values), always)
    const single = await Promise.all(boards.map((board) => searchWorths([board], 2, parts(values), always)))
    expect(together).toEqual(single.flatMap((worths) => worths ?? []))
    expect(together?.[4]).toEqual(Array(4).fill(Number.NEGATIVE_INFINITY))
  })

  it('shows the network the leaves in slices, and ends between two of them when it is no longer wanted', async () => {
    const sizes: number[] = []
    const counted = (cells: Uint8Array) => {
      sizes.push(cells.length / 16)
      return values(cells)
    }
    const leaves = readTree(await rules.searchTree([BOARD], 2, 'points')).leaves.length / 16
    await searchWorths([BOARD], 2, parts(counted), always)
    expect(sizes.reduce((total, size) => total + size, 0)).toBe(leaves)
    sizes.length = 0
    const ended = await searchWorths([BOARD], 2, parts(counted), () => sizes.length < 1)
    expect(ended).toBeNull()
    expect(sizes.length).toBeLessThanOrEqual(1)
  })
})

it('a leaf where the game is over is worth nothing', async () => {
  const board = [10, 10, 8, 9, 3, 4, 5, 6, 7, 8, 9, 1, 5, 6, 7, 8]
  const tree = readTree(await rules.searchTree([board], 1, 'points'))
  const nine = async (cells: Uint8Array) => new Float32Array(cells.length / 16).fill(9)
  expect([...tree.over]).toHaveLength(4)
  const found = await searchWorths([board], 1, parts(nine), always)
  expect(found?.[0]?.[3]).toBeCloseTo(2048 / 20_000, 6)
  expect(worthsOf(tree, new Float32Array(tree.leaves.length / 16), 1)[0]?.[1]).toBeCloseTo(2048 / 20_000, 6)
})
