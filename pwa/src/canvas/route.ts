/** The path of an edge: straight down where nothing is in between, around the blocks where something is. */

import { BLOCK_HEIGHT, type Box, bottomOf, boxOf, distanceToSegment, type Point, topOf } from '../document/geometry'

export interface Route {
  /** an SVG path */
  path: string
  /** the same way as a line of points, for hit tests and labels */
  points: Point[]
}

/** A vertical run beside blocks that an edge already takes. */
export interface Lane {
  x: number
  top: number
  bottom: number
}

/** how far an edge stays from the side of a block that it passes */
const CLEARANCE = 12
/** half the height in which an edge turns into its lane */
const TURN = 18
/** the distance between edges that pass the same block */
const BESIDE = 7
const MAX_BESIDE = 4
/** the distance between sampled points of a curve */
const STEP = 12

/**
 * Route an edge from the bottom of one block to the top of another, past every block of the design. `lanes` holds the runs of
 * other edges, which it keeps beside, and gets its own.
 */
export function routeEdge(source: Point, target: Point, blocks: readonly Point[], lanes: Lane[] = []): Route {
  const from = bottomOf(source)
  const to = topOf(target)
  const falls = to.y - from.y >= 8
  const isEnd = (block: Point) => falls && (block === source || block === target)
  const [top, bottom] = [Math.min(from.y, to.y) - 2 * TURN, Math.max(from.y, to.y) + 2 * TURN]
  const near: Box[] = []
  for (const block of blocks) {
    if (block.y < bottom && block.y + BLOCK_HEIGHT > top && !isEnd(block)) near.push(boxOf(block))
  }
  const straight = direct(from, to)
  if (falls && !near.some((box) => hits(straight.points, box, 4))) return straight
  return around(from, to, near, lanes)
}

/** One cubic curve that leaves downwards and arrives downwards. */
export function direct(from: Point, to: Point): Route {
  const controlOffset = Math.max(16, Math.abs(to.y - from.y) / 2)
  const curve: Curve = [from, { x: from.x, y: from.y + controlOffset }, { x: to.x, y: to.y - controlOffset }, to]
  return { path: `M${at(from)}${drawn(curve)}${ARROW}`, points: sampled(curve) }
}

const ARROW = 'm-3.5,-5.5l3.5,5l3.5,-5'

type Curve = readonly [Point, Point, Point, Point]

const at = ({ x, y }: Point): string => `${round(x)},${round(y)}`
const round = (value: number): number => Math.round(value * 10) / 10
const drawn = ([, b, c, d]: Curve): string => `C${at(b)} ${at(c)} ${at(d)}`

function sampled([a, b, c, d]: Curve): Point[] {
  const count = Math.min(200, Math.max(8, Math.ceil((Math.abs(d.x - a.x) + Math.abs(d.y - a.y)) / STEP)))
  return Array.from({ length: count + 1 }, (_, index) => {
    const t = index / count
    const u = 1 - t
    const [p, q, r, s] = [u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t]
    return { x: p * a.x + q * b.x + r * c.x + s * d.x, y: p * a.y + q * b.y + r * c.y + s * d.y }
  })
}

/** Whether a line of points, without its ends, comes within `margin` px of a box. */
function hits(points: readonly Point[], { x, y, width, height }: Box, margin: number): boolean {
  for (let index = 1; index < points.length - 1; index++) {
    const point = points[index] as Point
    if (point.x > x - margin && point.x < x + width + margin && point.y > y && point.y < y + height) return true
  }
  return false
}

/** Through a vertical lane beside what is in the way: the nearest that no block and no other edge takes. */
function around(from: Point, to: Point, boxes: readonly Box[], lanes: Lane[]): Route {
  const tried = candidates(boxes)
    .map((x) => ({ x, length: Math.abs(x - from.x) + Math.abs(x - to.x) }))
    .sort((a, b) => a.length - b.length)
  let best: { route: Route; lane: Lane; cost: number } | undefined
  for (const { x, length } of tried) {
    if (best && best.cost <= length) break
    const route = through(from, to, x)
    const lane = { x, top: Math.min(from.y, to.y), bottom: Math.max(from.y, to.y) }
    const crossed = boxes.filter((box) => hits(route.points, box, 3)).length
    const shared = lanes.some((other) => Math.abs(other.x - x) < BESIDE && other.top < lane.bottom && lane.top < other.bottom)
    const cost = length + 4000 * crossed + (shared ? 400 : 0)
    if (!best || cost < best.cost) best = { route, lane, cost }
  }
  if (!best) return direct(from, to)
  lanes.push(best.lane)
  return best.route
}

/** The places of lanes: along each side of each box, and a few beside that. */
function candidates(boxes: readonly Box[]): number[] {
  const found = new Set<number>()
  for (const { x, width } of boxes) {
    for (let beside = 0; beside < MAX_BESIDE; beside++) {
      found.add(x - CLEARANCE - beside * BESIDE)
      found.add(x + width + CLEARANCE + beside * BESIDE)
    }
  }
  return [...found]
}

function through(from: Point, to: Point, lane: number): Route {
  const [start, end] = [from.y + 2 * TURN, to.y - 2 * TURN]
  const into: Curve = [from, { x: from.x, y: from.y + TURN }, { x: lane, y: from.y + TURN / 2 }, { x: lane, y: start }]
  const out: Curve = [{ x: lane, y: end }, { x: lane, y: to.y - TURN / 2 }, { x: to.x, y: to.y - TURN }, to]
  return {
    path: `M${at(from)}${drawn(into)}L${at(out[0])}${drawn(out)}${ARROW}`,
    points: [...sampled(into), ...run(into[3], out[0]), ...sampled(out)],
  }
}

/** Points along the lane itself, so that a box which it passes through is noticed. */
function run(from: Point, to: Point): Point[] {
  const count = Math.floor(Math.abs(to.y - from.y) / (2 * STEP))
  return Array.from({ length: count }, (_, index) => ({ x: from.x, y: from.y + ((to.y - from.y) * (index + 1)) / (count + 1) }))
}

/** How far a point is from a route. */
export function distanceToRoute(point: Point, { points }: Route): number {
  let least = Infinity
  for (let index = 1; index < points.length; index++) {
    least = Math.min(least, distanceToSegment(point, points[index - 1] as Point, points[index] as Point))
  }
  return least
}
