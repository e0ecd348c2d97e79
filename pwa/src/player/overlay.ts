/** The overlay of each cell of the board: its experts, or the attention that it gets from a selected cell. */

import { percent } from '../lib/percent'
import type { ShownAttention, ShownRouting } from './types'

const CELLS = Array.from({ length: 16 }, (_, cell) => cell)
const SHOWN_EXPERTS = 2
const STRONGEST_VEIL = 0.82
/** number of opacity steps */
const VEILS = 40
const MIN_SHOWN = 0.02
const SEPARATOR = '|'

export interface ChosenExpert {
  expert: number
  weight: number
}

/** Whether experts were chosen for the whole board, not for each cell. */
export const isOfBoard = ({ experts, layers: [weights = []] }: ShownRouting): boolean => weights.length === experts

/** The experts that a cell, or the board that it is in, was routed to, the one with the largest gate weight first. */
export function expertsOf(routing: ShownRouting, cell: number): ChosenExpert[] {
  const { experts, layers } = routing
  const place = isOfBoard(routing) ? 0 : cell
  return (layers[0] ?? [])
    .slice(place * experts, (place + 1) * experts)
    .map((weight, expert) => ({ expert, weight }))
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight)
}

/** The shown experts of each cell, encoded as a text so that changes are found by comparison; `expertsIn` decodes it. */
export const expertTexts = (routing: ShownRouting): string[] =>
  CELLS.map((cell) =>
    expertsOf(routing, cell)
      .slice(0, SHOWN_EXPERTS)
      .map(({ expert }) => expert)
      .join(),
  )

/** "2,0" → [2, 0] */
export const expertsIn = (text: string): number[] => (text === '' ? [] : text.split(',').map(Number))

/** The attention weights of a cell: 16 of one head, or with null the mean over the heads. */
export function looksOf({ heads, weights }: ShownAttention, cell: number, head: number | null): number[] {
  const rows = head === null ? Array.from({ length: heads }, (_, each) => each) : [head]
  const weightAt = (row: number, target: number): number => weights[(row * CELLS.length + cell) * CELLS.length + target] ?? 0
  return CELLS.map((target) => rows.reduce((sum, row) => sum + weightAt(row, target), 0) / rows.length)
}

/** How the attention to one cell is shown. */
export interface Look {
  /** opacity of the cover over the cell: the less attention, the more opaque */
  veil: number
  /** its share of the attention */
  words: string
  /** whether the share is large enough to be written on the cell */
  isShown: boolean
}

/**
 * The attention of a cell to each cell, encoded as texts so that changes are found by comparison; `lookIn` decodes them. For a
 * head that this network does not have, the mean over the heads is used.
 */
export function lookTexts(attention: ShownAttention, cell: number, head: number | null): string[] {
  const weights = looksOf(attention, cell, head === null || head < attention.heads ? head : null)
  const most = Math.max(...weights, Number.EPSILON)
  return weights.map((weight) => {
    const step = Math.round(VEILS * (1 - weight / most))
    return [step, weight >= MIN_SHOWN ? 'shown' : '', percent(weight)].join(SEPARATOR)
  })
}

export function lookIn(text: string): Look {
  const [step, isShown, words = ''] = text.split(SEPARATOR)
  return { veil: (STRONGEST_VEIL * Number(step)) / VEILS, words, isShown: isShown !== '' }
}
