/** Values of the panel "Look inside": the shares of the experts, and the largest drop of the value. */

import { expertsOf } from '../player/overlay'
import type { ShownRouting } from '../player/types'

const CELLS = 16

export interface Drop {
  /** the position after which the value was lower */
  at: number
  from: number
  to: number
}

/** The largest fall of the value from one position to the next; null where it never falls. */
export function largestDrop(values: readonly number[]): Drop | null {
  let found: Drop | null = null
  for (let at = 1; at < values.length; at++) {
    const from = values[at - 1] as number
    const to = values[at] as number
    if (to < from && (!found || from - to > found.from - found.to)) found = { at: at - 1, from, to }
  }
  return found
}

/** The shares of the experts of each mixture in the cells of one board; they sum to 1. */
export function expertShares(routing: Readonly<Record<string, ShownRouting>>): Record<string, number[]> {
  return Object.fromEntries(
    Object.entries(routing).map(([path, shown]) => {
      const chosen = Array.from({ length: CELLS }, (_, cell) => expertsOf(shown, cell)).flat()
      const count = (expert: number) => chosen.filter((each) => each.expert === expert).length
      return [path, Array.from({ length: shown.experts }, (_, expert) => (chosen.length ? count(expert) / chosen.length : 0))]
    }),
  )
}
