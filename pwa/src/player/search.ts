/** Search at play (expectimax): the rules in Python say which boards follow, the network values the last of them. */
import type { ValueUnit } from '../generated/wire'
import { pause } from '../lib/pause'
import type { RulesPort } from '../python/rules_port'
import type { SearchDepth } from './types'

const MOVES = 4
const CELLS = 16
const HEAD_BYTES = 20
const INT = 4
/** boards of one call of the rules, by depth, so that other calls wait for some hundredths of a second at most */
const BOARDS_PER_TREE = [64, 64, 4]
/** of the leaves between two breaks; a break comes every few hundredths of a second */
const LEAST_LEAVES = 16
const MOST_LEAVES = 4096
const SHORT_MS = 12
const LONG_MS = 36

export interface SearchParts {
  rules: Pick<RulesPort, 'searchTree'>
  /** the values of boards of 16 cells, one after the other */
  values(cells: Uint8Array): Promise<Float32Array>
  unit: ValueUnit
  /** how many leaves the network values without a break; adapted to how long it takes */
  slice: { leaves: number }
}

/** of a network whose speed is not known yet */
export const FIRST_SLICE = 256

/** What the four moves of a board are worth; -Infinity for those that are not legal. */
export type Worths = number[]

/**
 * What each move of each board is worth, looking `depth` layers of new tile and best move ahead. Works in slices, with room for
 * messages in between; null as soon as `isWanted` says no.
 */
export async function searchWorths(
  boards: readonly (readonly number[])[],
  depth: Exclude<SearchDepth, 0>,
  { rules, values, unit, slice }: SearchParts,
  isWanted: () => boolean,
): Promise<Worths[] | null> {
  const found: Worths[] = []
  const size = BOARDS_PER_TREE[depth] as number
  for (let start = 0; start < boards.length; start += size) {
    const tree = readTree(await rules.searchTree(boards.slice(start, start + size), depth, unit.reward))
    const leaves = await leafValues(tree, values, slice, isWanted)
    if (!leaves) return null
    found.push(...worthsOf(tree, leaves, unit.gamma))
  }
  return found
}

interface Layer {
  /** for each move the number of the board after it, -1 where it is not legal */
  after: Int32Array
  rewards: Float32Array
  /** of the different boards after a move, the number of empty cells */
  empties: Int32Array
}

export interface Tree {
  /** probability that a new tile is a 4 */
  four: number
  layers: Layer[]
  /** the leaves where the game is over */
  over: Int32Array
  /** 16 cells each */
  leaves: Uint8Array
}

/** Read what `shared_py/search_tree.py` wrote. */
export function readTree(bytes: ArrayBuffer): Tree {
  const head = new DataView(bytes)
  const depth = head.getInt32(0, true)
  const leafCount = head.getInt32(INT, true)
  const overCount = head.getInt32(2 * INT, true)
  let place = HEAD_BYTES
  const ints = (count: number): Int32Array => {
    place += INT * count
    return new Int32Array(bytes, place - INT * count, count)
  }
  const layers = Array.from({ length: depth }, (): Layer => {
    const [boards, different] = ints(2) as unknown as [number, number]
    const after = ints(MOVES * boards)
    const rewards = new Float32Array(bytes, place, MOVES * boards)
    place += rewards.byteLength
    return { after, rewards, empties: ints(different) }
  })
  const over = ints(overCount)
  return { four: head.getFloat64(3 * INT, true), layers, over, leaves: new Uint8Array(bytes, place, CELLS * leafCount) }
}

/** The values of the leaves, 0 where the game is over; in slices, whose size follows from how long they take. */
async function leafValues(
  { leaves, over }: Tree,
  values: SearchParts['values'],
  slice: SearchParts['slice'],
  isWanted: () => boolean,
): Promise<Float32Array | null> {
  const count = leaves.length / CELLS
  const found = new Float32Array(count)
  for (let start = 0; start < count; ) {
    await pause()
    if (!isWanted()) return null
    const end = Math.min(count, start + slice.leaves)
    const began = performance.now()
    found.set(await values(leaves.subarray(CELLS * start, CELLS * end)), start)
    const ms = performance.now() - began
    if (ms < SHORT_MS && end - start === slice.leaves) slice.leaves = Math.min(MOST_LEAVES, 2 * slice.leaves)
    if (ms > LONG_MS) slice.leaves = Math.max(LEAST_LEAVES, slice.leaves >> 1)
    start = end
  }
  for (const leaf of over) found[leaf] = 0
  return found
}

/** What the moves of the first boards are worth, by the values of the leaves. */
export function worthsOf({ layers, four }: Tree, leafValues: Float32Array, gamma: number): Worths[] {
  let values: ArrayLike<number> = leafValues
  let worths: Worths[] = []
  for (const layer of layers.slice().reverse()) {
    worths = movesOf(layer, meansOf(layer.empties, values, four), gamma)
    values = worths.map(bestOf)
  }
  return worths
}

/** The mean over all new tiles of each board after a move: a 2 in every empty cell, then a 4 in every empty cell. */
function meansOf(empties: Int32Array, values: ArrayLike<number>, four: number): Float64Array {
  let place = 0
  const sum = (count: number): number => {
    let total = 0
    for (const end = place + count; place < end; place++) total += values[place] as number
    return total
  }
  return Float64Array.from(empties, (empty) => ((1 - four) * sum(empty) + four * sum(empty)) / empty)
}

function movesOf({ after, rewards }: Layer, means: Float64Array, gamma: number): Worths[] {
  return Array.from({ length: after.length / MOVES }, (_, board) =>
    Array.from({ length: MOVES }, (_, move) => {
      const index = board * MOVES + move
      const to = after[index] as number
      return to < 0 ? Number.NEGATIVE_INFINITY : (rewards[index] as number) + gamma * (means[to] as number)
    }),
  )
}

/** The best of a board's moves; 0 where the game is over. */
const bestOf = (worths: Worths): number => {
  const best = Math.max(...worths)
  return best === Number.NEGATIVE_INFINITY ? 0 : best
}
