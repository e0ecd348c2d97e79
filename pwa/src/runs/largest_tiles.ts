/** The largest tiles of games as shares of them, beside those of random and greedy play. */

import type { Evaluation } from '../generated/wire'

const MAX_TILES = 5
const MIN_SHARE = 0.0005
const MIN_OF_RULE = 0.01

/** The two rules that a network is compared with. */
export const RULES = ['greedy', 'random'] as const

export interface Tile {
  face: number
  share: number
  greedy: number | undefined
  random: number | undefined
}

/** The largest tiles worth a bar, small ones first: those that the network or a rule reached. */
export function tilesOf(frequency: Record<string, number>, baselines: Evaluation['baselines'] = {}): Tile[] {
  const ofRule = (rule: (typeof RULES)[number], face: string) => {
    const share = baselines[rule]?.max_tile_frequency[face] ?? 0
    return share > MIN_OF_RULE ? share : undefined
  }
  const all = [frequency, ...Object.values(baselines).map(({ max_tile_frequency }) => max_tile_frequency)]
  return [...new Set(all.flatMap(Object.keys))]
    .map((face) => ({
      face: Number(face),
      share: frequency[face] ?? 0,
      greedy: ofRule('greedy', face),
      random: ofRule('random', face),
    }))
    .filter(({ share, greedy, random }) => share > MIN_SHARE || greedy || random)
    .sort((one, other) => one.face - other.face)
    .slice(-MAX_TILES)
}
