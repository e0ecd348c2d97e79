/** Places the label of a block's output shape beside its connection, where it covers no connection and no block. */

import { createStore } from 'zustand/vanilla'
import { type Box, bottomOf, boxOf, type Point } from '../document/geometry'
import type { Component } from '../generated/wire'
import type { Route } from './route'

/** The side of the connection; a block that is not in the map has no free place for its shape. */
export type Labels = ReadonlyMap<string, 'right' | 'left'>

const NONE: Labels = new Map()

/** The labels of the place that is shown. */
export const labelsStore = createStore<{ labels: Labels; boxes: readonly Box[] }>(() => ({ labels: NONE, boxes: [] }))

/** As in `block.css`, in px: distances to the block and to its connection, the height, the width of one character. */
const DOWN = 3
const ASIDE = 6
const HEIGHT = 17
const CHARACTER = 8.1
/** how near a connection may come */
const CLEAR = 2

/** The box of a label. */
export function labelBox(block: Point, text: string, side: 'right' | 'left'): Box {
  const width = text.length * CHARACTER
  const foot = bottomOf(block)
  return { x: side === 'right' ? foot.x + ASIDE : foot.x - ASIDE - width, y: foot.y + DOWN, width, height: HEIGHT }
}

/** Place what is to be written under each block; `shapes` has no entry for a block that nothing leaves. */
export function placeLabels(
  blocks: readonly Component[],
  routes: readonly Route[],
  shapes: ReadonlyMap<string, string>,
): { labels: Labels; boxes: Box[] } {
  const labels = new Map<string, 'right' | 'left'>()
  const taken: Box[] = []
  const lines = routes.map(({ points }) => ({ points, bounds: boundsOf(points) }))
  const isFree = (box: Box) =>
    !taken.some((other) => overlap(box, other)) &&
    !blocks.some((block) => overlap(box, boxOf(block))) &&
    !lines.some(({ points, bounds }) => overlap(bounds, grown(box)) && crosses(points, grown(box)))
  for (const block of blocks) {
    const text = shapes.get(block.id)
    if (text === undefined) continue
    const sides = ['right', 'left'] as const
    const side = sides.find((one) => isFree(labelBox(block, text, one)))
    if (!side) continue
    labels.set(block.id, side)
    taken.push(labelBox(block, text, side))
  }
  return { labels, boxes: taken }
}

/** Whether two results say the same, so that nothing has to be drawn anew. */
export const sameLabels = (a: Labels, b: Labels): boolean => a.size === b.size && [...a].every(([id, side]) => b.get(id) === side)

const grown = ({ x, y, width, height }: Box): Box => ({
  x: x - CLEAR,
  y: y - CLEAR,
  width: width + 2 * CLEAR,
  height: height + 2 * CLEAR,
})

const overlap = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height

function boundsOf(points: readonly Point[]): Box {
  const xs = points.map(({ x }) => x)
  const ys = points.map(({ y }) => y)
  const [left, top] = [Math.min(...xs), Math.min(...ys)]
  return { x: left, y: top, width: Math.max(...xs) - left + 0.1, height: Math.max(...ys) - top + 0.1 }
}

/** Whether a line of points runs through a box (Liang and Barsky 1984). */
export function crosses(points: readonly Point[], box: Box): boolean {
  for (let index = 1; index < points.length; index++) {
    if (segmentCrosses(points[index - 1] as Point, points[index] as Point, box)) return true
  }
  return false
}

function segmentCrosses(a: Point, b: Point, box: Box): boolean {
  let [enter, leave] = [0, 1]
  const sides: [number, number][] = [
    [a.x - b.x, a.x - box.x],
    [b.x - a.x, box.x + box.width - a.x],
    [a.y - b.y, a.y - box.y],
    [b.y - a.y, box.y + box.height - a.y],
  ]
  for (const [along, room] of sides) {
    if (along === 0) {
      if (room < 0) return false
    } else if (along < 0) enter = Math.max(enter, room / along)
    else leave = Math.min(leave, room / along)
  }
  return enter <= leave
}
