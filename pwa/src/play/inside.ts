/** What is shown of the inside of a network: experts of cells, attention of a cell, the largest drop of the value. */

import type { ShownAttention, ShownRouting } from '../player/types'

const CELLS = 16

export interface ChosenExpert {
  expert: number
  weight: number
}

/** The experts that a cell was routed to, the one with the largest gate weight first. */
export function expertsOf({ experts, layers: [weights = []] }: ShownRouting, cell: number): ChosenExpert[] {
  return weights
    .slice(cell * experts, (cell + 1) * experts)
    .map((weight, expert) => ({ expert, weight }))
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight)
}

/** Where a cell looks: 16 weights of one head, or with null the mean over the heads. */
export function looksOf({ heads, weights }: ShownAttention, cell: number, head: number | null): number[] {
  const rows = head === null ? Array.from({ length: heads }, (_, each) => each) : [head]
  const weightAt = (row: number, target: number): number => weights[(row * CELLS + cell) * CELLS + target] ?? 0
  return Array.from({ length: CELLS }, (_, target) => rows.reduce((sum, row) => sum + weightAt(row, target), 0) / rows.length)
}

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
