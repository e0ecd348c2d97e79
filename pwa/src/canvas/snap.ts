/** Where a block that is dropped near a line of other blocks comes to rest. */

import { BLOCK_HEIGHT, BLOCK_WIDTH, type Point } from '../document/geometry'
import type { ModelArchitecture } from '../generated/wire'

/** How near a column or row has to be to draw a block in, in px of the design. */
const REACH = 12

/**
 * The place where a dropped block rests: in the column of a block that it is connected to, else of any other, and in the row of
 * any other, where one is near and the place is free; else where it was dropped.
 */
export function restingPlace(level: ModelArchitecture, id: string, dropped: Point): Point {
  const others = level.components.filter((component) => component.id !== id)
  const connected = new Set(level.edges.flatMap(([source, target]) => (source === id ? [target] : target === id ? [source] : [])))
  const linked = others.filter((other) => connected.has(other.id))
  const x = nearest(linked, dropped, 'x') ?? nearest(others, dropped, 'x') ?? dropped.x
  const y = nearest(others, dropped, 'y') ?? dropped.y
  const places = [
    { x, y },
    { x, y: dropped.y },
    { x: dropped.x, y },
  ]
  return places.find((place) => others.every((other) => isApart(other, place))) ?? dropped
}

function nearest(others: readonly Point[], { x, y }: Point, axis: 'x' | 'y'): number | undefined {
  const own = axis === 'x' ? x : y
  const near = others.map((other) => other[axis]).filter((value) => Math.abs(value - own) <= REACH)
  return near.sort((a, b) => Math.abs(a - own) - Math.abs(b - own))[0]
}

const isApart = (a: Point, b: Point): boolean => Math.abs(a.x - b.x) >= BLOCK_WIDTH || Math.abs(a.y - b.y) >= BLOCK_HEIGHT
