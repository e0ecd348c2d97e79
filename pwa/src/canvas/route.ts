/** The path of an edge: straight down where nothing is in between, around the blocks where something is. */

import { type Box, bottomOf, boxOf, distanceToSegment, type Point, topOf } from '../document/geometry'

export interface Route {
  /** an SVG path */
  path: string
  /** the same way as a line of points, for hit tests and the far view */
  points: Point[]
}

const CLEARANCE = 10
const LANE = 18
const SAMPLES = 10

/** Route an edge from the foot of one block to the head of another, past every block of the design. */
export function routeEdge(source: Point, target: Point, blocks: readonly Point[]): Route {
  const from = bottomOf(source)
  const to = topOf(target)
  const falls = to.y - from.y >= 8
  const isEnd = (block: Point) => falls && (block === source || block === target)
  if (falls && !blocks.some((block) => !isEnd(block) && crossesCurve(boxOf(block), from, to))) return direct(from, to)
  return around(from, to, blocks.filter((block) => !isEnd(block)).map(boxOf))
}

/** One cubic curve that leaves downwards and arrives downwards. */
export function direct(from: Point, to: Point): Route {
  const bend = Math.max(16, Math.abs(to.y - from.y) / 2)
  return {
    path: `M${from.x},${from.y}C${from.x},${from.y + bend} ${to.x},${to.y - bend} ${to.x},${to.y}${arrow}`,
    points: Array.from({ length: SAMPLES + 1 }, (_, index) => curveAt(from, to, bend, index / SAMPLES)),
  }
}

const arrow = 'm-3.5,-5.5l3.5,5l3.5,-5'

function curveAt(from: Point, to: Point, bend: number, t: number): Point {
  const u = 1 - t
  const [a, b, c, d] = [u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t]
  return {
    x: a * from.x + b * from.x + c * to.x + d * to.x,
    y: a * from.y + b * (from.y + bend) + c * (to.y - bend) + d * to.y,
  }
}

function crossesCurve(box: Box, from: Point, to: Point): boolean {
  if (box.y > to.y || box.y + box.height < from.y) return false
  const bend = Math.max(16, Math.abs(to.y - from.y) / 2)
  for (let index = 1; index < SAMPLES; index++) {
    const { x, y } = curveAt(from, to, bend, index / SAMPLES)
    if (x > box.x - 4 && x < box.x + box.width + 4 && y > box.y && y < box.y + box.height) return true
  }
  return false
}

/** Through a vertical lane beside everything in the way, on the nearer side. */
function around(from: Point, to: Point, boxes: readonly Box[]): Route {
  const [top, bottom] = [Math.min(from.y, to.y) - LANE, Math.max(from.y, to.y) + LANE]
  const between = boxes.filter((box) => box.y < bottom && box.y + box.height > top)
  const middle = (from.x + to.x) / 2
  const right = freeLane(between, middle, 1)
  const left = freeLane(between, middle, -1)
  const lane = right - middle <= middle - left ? right : left
  const start = from.y + LANE
  const end = to.y - LANE
  return {
    path:
      `M${from.x},${from.y}C${from.x},${start} ${lane},${start - LANE / 2} ${lane},${start + LANE}` +
      `L${lane},${end - LANE}C${lane},${end + LANE / 2} ${to.x},${end} ${to.x},${to.y}${arrow}`,
    points: [from, { x: lane, y: start + LANE / 2 }, { x: lane, y: end - LANE / 2 }, to],
  }
}

/** The first x, going outwards, at which a vertical line passes all boxes. */
function freeLane(boxes: readonly Box[], start: number, side: 1 | -1): number {
  let lane = start
  for (let tries = 0; tries <= boxes.length; tries++) {
    const hit = boxes.find((box) => lane > box.x - CLEARANCE && lane < box.x + box.width + CLEARANCE)
    if (!hit) return lane
    lane = side > 0 ? hit.x + hit.width + CLEARANCE + 4 : hit.x - CLEARANCE - 4
  }
  return lane
}

/** How far a point is from a route. */
export function distanceToRoute(point: Point, { points }: Route): number {
  let least = Infinity
  for (let index = 1; index < points.length; index++) {
    least = Math.min(least, distanceToSegment(point, points[index - 1] as Point, points[index] as Point))
  }
  return least
}
