import { describe, expect, it } from 'vitest'
import {
  BLOCK_HEIGHT,
  BLOCK_WIDTH,
  boundsOf,
  boxOf,
  contains,
  fittingView,
  panInto,
  READABLE_ZOOM,
  wholeView,
} from '../document/geometry'
import { distanceToRoute, type Lane, routeEdge } from './route'

describe('routeEdge', () => {
  it('goes straight down where nothing is in between', () => {
    const { points } = routeEdge({ x: 0, y: 0 }, { x: 0, y: 96 }, [])
    for (const { x } of points) expect(x).toBeCloseTo(BLOCK_WIDTH / 2)
  })

  it('goes around what is in between', () => {
    const between = [
      { x: 0, y: 96 },
      { x: 0, y: 192 },
    ]
    const { points } = routeEdge({ x: 0, y: 0 }, { x: 0, y: 288 }, between)
    const lane = points.slice(1, -1)
    expect(lane.length).toBeGreaterThan(0)
    for (const point of lane) for (const block of between) expect(contains(boxOf(block), point)).toBe(false)
  })

  it('takes the nearer side', () => {
    const { points } = routeEdge({ x: 0, y: 0 }, { x: 0, y: 192 }, [{ x: -60, y: 96 }])
    expect(points[Math.floor(points.length / 2)]?.x).toBeGreaterThan(BLOCK_WIDTH / 2)
  })

  it('notices a block that a long edge would only touch between two points of its curve', () => {
    const between = Array.from({ length: 20 }, (_, row) => ({ x: row === 10 ? 0 : 300, y: 96 * (row + 1) }))
    const { points } = routeEdge({ x: 0, y: 0 }, { x: 0, y: 96 * 21 }, between)
    for (const point of points) for (const block of between) expect(contains(boxOf(block), point)).toBe(false)
  })

  it('keeps beside the other edges that pass the same block', () => {
    const between = [{ x: 0, y: 96 }]
    const lanes: Lane[] = []
    const middles = [0, 0, 0].map(() => {
      const { points } = routeEdge({ x: 0, y: 0 }, { x: 0, y: 192 }, between, lanes)
      return points[Math.floor(points.length / 2)]?.x
    })
    expect(new Set(middles).size).toBe(3)
  })

  it('leads back up past both ends', () => {
    const [low, high] = [
      { x: 0, y: 200 },
      { x: 0, y: 0 },
    ]
    const { points } = routeEdge(low, high, [low, high])
    const middle = points[Math.floor(points.length / 2)]?.x ?? 0
    expect(middle > BLOCK_WIDTH || middle < 0).toBe(true)
  })

  it('can be hit near its line only', () => {
    const route = routeEdge({ x: 0, y: 0 }, { x: 0, y: 200 }, [])
    expect(distanceToRoute({ x: BLOCK_WIDTH / 2 + 5, y: 120 }, route)).toBeLessThan(6)
    expect(distanceToRoute({ x: 400, y: 120 }, route)).toBeGreaterThan(200)
  })
})

describe('fittingView', () => {
  it('never shows blocks smaller than a thumb', () => {
    const tall = { x: 0, y: 0, width: BLOCK_WIDTH, height: 4000 }
    expect(fittingView(tall, 360, 440).zoom * BLOCK_HEIGHT).toBeGreaterThanOrEqual(40)
    expect(fittingView(tall, 360, 440).zoom).toBe(READABLE_ZOOM)
  })

  it('shows the seven blocks of a first design whole on the smallest screen, with what is written under the last', () => {
    const seven = { x: 0, y: 0, width: BLOCK_WIDTH, height: 6 * 96 + BLOCK_HEIGHT }
    const view = fittingView(seven, 360, 442)
    expect(view.y).toBeGreaterThanOrEqual(0)
    expect(view.y + (seven.height + 18) * view.zoom).toBeLessThanOrEqual(442)
  })

  it('stands in the middle', () => {
    const view = fittingView(boundsOf([{ id: 'a', type: '', props: {}, x: 300, y: 40, inside: null }]), 360, 440)
    expect(view.x + (300 + BLOCK_WIDTH / 2) * view.zoom).toBeCloseTo(180)
  })
})

describe('wholeView', () => {
  const WIDTH = 412
  const rows = (count: number, columns = 1) =>
    Array.from({ length: count * columns }, (_, index) => ({
      ...{ id: `c${index}`, type: '', props: {}, inside: null },
      ...{ x: 160 * (index % columns), y: 96 * Math.floor(index / columns) },
    }))
  const label = (x: number, y: number) => ({ x, y, width: 120, height: 17 })
  const zoomOf = (components: ReturnType<typeof rows>, beside: ReturnType<typeof label>[], height: number) =>
    wholeView(components, beside, WIDTH, height, 0.05).zoom

  it('counts what is written beside connections where it is shown', () => {
    const view = wholeView(rows(4), [label(66, 350)], WIDTH, 600, 0.05)
    expect(view.zoom).toBeGreaterThanOrEqual(0.9)
    expect(view.x + (66 + 120) * view.zoom).toBeLessThanOrEqual(WIDTH)
  })

  it('does not count it where it is not shown', () => {
    const wide = [label(-300, 67), label(300, 67)]
    expect(zoomOf(rows(9), wide, 600)).toBeCloseTo(zoomOf(rows(9), [], 600))
    // near enough for them, with a design that fits without them: as near as they are not shown
    expect(zoomOf(rows(6), wide, 600)).toBe(0.89)
  })

  it('keeps the names of blocks where they would be lost by little, and cuts no block', () => {
    const tall = rows(11)
    const height = 11 * 96 - 32
    const frame = Math.ceil(height * READABLE_ZOOM) + 2
    const view = wholeView(tall, [], WIDTH, frame, 0.05)
    expect(view.zoom).toBe(READABLE_ZOOM)
    expect(view.y).toBeGreaterThanOrEqual(0)
    expect(view.y + height * view.zoom).toBeLessThanOrEqual(frame)
  })

  it('shows all of a design whose names cannot be read with it', () => {
    const many = rows(60)
    const view = wholeView(many, [], WIDTH, 700, 0.05)
    expect(view.zoom).toBeLessThan(0.2)
    expect(view.y + (59 * 96 + 64) * view.zoom).toBeLessThan(700)
  })
})

describe('panInto', () => {
  const view = { x: 0, y: 0, zoom: 1 }
  it('leaves alone what is in sight', () => expect(panInto(boxOf({ x: 20, y: 20 }), view, 360, 400)).toBeNull())
  it('moves no further than it has to', () => expect(panInto(boxOf({ x: 20, y: 380 }), view, 360, 400)).toEqual({ x: 0, y: -56 }))
  it('shows at least the top of what is too tall for the gap', () => {
    const pan = panInto(boxOf({ x: 20, y: 380 }), view, 360, 50)
    expect(pan && 380 + pan.y).toBe(0)
  })
})
