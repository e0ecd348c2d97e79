/** Canvas geometry: rectangles, views and hit tests in flow pixels. */

import type { Component } from '../generated/wire'

export const BLOCK_WIDTH = 120
export const BLOCK_HEIGHT = 64
export const ROW_HEIGHT = 96
export const GRID = 8

export interface Point {
  x: number
  y: number
}

export interface Box extends Point {
  width: number
  height: number
}

export interface View extends Point {
  zoom: number
}

export const boxOf = ({ x, y }: Point): Box => ({ x, y, width: BLOCK_WIDTH, height: BLOCK_HEIGHT })

export const bottomOf = ({ x, y }: Point): Point => ({ x: x + BLOCK_WIDTH / 2, y: y + BLOCK_HEIGHT })

export const topOf = ({ x, y }: Point): Point => ({ x: x + BLOCK_WIDTH / 2, y })

/** The box around all components and what is written beside them; one block at the origin for an empty design. */
export function boundsOf(components: readonly Component[], beside: readonly Box[] = []): Box {
  if (components.length === 0) return boxOf({ x: 0, y: 0 })
  const boxes = [...components.map(boxOf), ...beside]
  const left = Math.min(...boxes.map(({ x }) => x))
  const top = Math.min(...boxes.map(({ y }) => y))
  const right = Math.max(...boxes.map(({ x, width }) => x + width))
  const bottom = Math.max(...boxes.map(({ y, height }) => y + height))
  return { x: left, y: top, width: right - left, height: bottom - top }
}

/** A block is at least 40 px high at this zoom. */
export const READABLE_ZOOM = 0.64
const CLOSEST_ZOOM = 1.1
const MARGIN_PX = 12
/** the label under a block: its output shape */
const FOOT = 20

/** The view that shows a whole design where it stays readable, else its top. */
export function fittingView(bounds: Box, width: number, height: number, least = READABLE_ZOOM): View {
  const zoom = Math.min(CLOSEST_ZOOM, Math.max(least, zoomThatFits(bounds, width, height)))
  return centred(bounds, zoom, width, height)
}

const zoomThatFits = ({ width, height }: Box, frameWidth: number, frameHeight: number): number =>
  Math.min((frameWidth - 2 * MARGIN_PX) / width, (frameHeight - 2 * MARGIN_PX) / (height + FOOT))

/** The view at a zoom that centres a box; of a box that is too tall it shows the top. */
function centred({ x, y, width, height }: Box, zoom: number, frameWidth: number, frameHeight: number): View {
  const tall = height + FOOT
  const spare = frameHeight - tall * zoom
  const tight = frameHeight - height * zoom
  const top = spare >= 2 * MARGIN_PX ? spare / 2 : tight >= 0 ? Math.min(MARGIN_PX, tight / 2) : MARGIN_PX
  return { zoom, x: (frameWidth - width * zoom) / 2 - x * zoom, y: top - y * zoom }
}

/** From this zoom on, labels beside connections are shown. */
export const LABELS_FROM_ZOOM = 0.9
const JUST_BELOW_LABELS = 0.89

/**
 * The view that shows a whole design. Labels beside connections count only at a zoom that shows them. If the names of blocks
 * would be just too small to read, the margins are dropped.
 */
export function wholeView(
  components: readonly Component[],
  beside: readonly Box[],
  width: number,
  height: number,
  least: number,
): View {
  const withLabels = boundsOf(components, beside)
  const labelled = zoomThatFits(withLabels, width, height)
  if (labelled >= LABELS_FROM_ZOOM) return fittingView(withLabels, width, height)
  const blocks = boundsOf(components)
  const zoom = Math.max(least, Math.min(JUST_BELOW_LABELS, zoomThatFits(blocks, width, height)))
  const fitsReadable = blocks.width * READABLE_ZOOM <= width && blocks.height * READABLE_ZOOM <= height
  return centred(blocks, zoom < READABLE_ZOOM && fitsReadable ? READABLE_ZOOM : zoom, width, height)
}

/** The least pan after which a box lies within the part of the screen that is in sight; null when it does already. */
export function panInto(box: Box, view: View, width: number, height: number): Point | null {
  const left = box.x * view.zoom + view.x
  const top = box.y * view.zoom + view.y
  const x = shiftInto(left, left + box.width * view.zoom, width)
  const y = shiftInto(top, top + box.height * view.zoom, height)
  return x === 0 && y === 0 ? null : { x, y }
}

function shiftInto(start: number, end: number, size: number): number {
  const margin = Math.max(0, Math.min(MARGIN_PX, (size - (end - start)) / 2))
  if (start < margin) return margin - start
  return end > size - margin ? Math.max(margin - start, size - margin - end) : 0
}

export const contains = (box: Box, { x, y }: Point): boolean =>
  x >= box.x && y >= box.y && x <= box.x + box.width && y <= box.y + box.height

/** The distance from a point to a box; 0 inside. */
export const distanceToBox = ({ x, y }: Point, box: Box): number =>
  Math.hypot(Math.max(box.x - x, 0, x - box.x - box.width), Math.max(box.y - y, 0, y - box.y - box.height))

/** The distance from a point to a line segment. */
export function distanceToSegment(p: Point, a: Point, b: Point): number {
  const length2 = (b.x - a.x) ** 2 + (b.y - a.y) ** 2
  const along = length2 === 0 ? 0 : ((p.x - a.x) * (b.x - a.x) + (p.y - a.y) * (b.y - a.y)) / length2
  const t = Math.min(1, Math.max(0, along))
  return Math.hypot(p.x - (a.x + t * (b.x - a.x)), p.y - (a.y + t * (b.y - a.y)))
}
