/** How much of a block is shown at a zoom: what is written on it is never smaller than 12 px on the screen. */

import { LABELS_FROM_ZOOM } from '../document/geometry'

/** `near`: name, values and shapes; `mid` and `small`: the name, in larger type; `symbol`: the symbol of its kind. */
export type Detail = 'near' | 'mid' | 'small' | 'symbol'

/** The smallest and the largest zoom. */
export const ZOOMS = [0.05, 2.5] as const

const LEAST_TEXT_PX = 12

/** From this zoom on, the first level that fits is shown. */
const LEVELS: readonly [Detail, number][] = [
  ['near', LABELS_FROM_ZOOM],
  ['mid', 0.75],
  ['small', 0.635],
  ['symbol', 0],
]

export const detailAt = (zoom: number): Detail => LEVELS.find(([, least]) => zoom >= least)?.[0] ?? 'symbol'

/** The smallest font size of a level, in px of the design; `canvas.css` uses no smaller one. */
export const smallestFont = (detail: Detail): number => LEAST_TEXT_PX / (LEVELS.find(([name]) => name === detail)?.[1] || 1)
