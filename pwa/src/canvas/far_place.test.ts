import { expect, it } from 'vitest'
import type { View } from '../document/geometry'
import { MARGIN, paintedArea, pictureTransform, stillCovers } from './far_place'

const frame = { width: 400, height: 600 }
const painted: View = { x: 20, y: 30, zoom: 0.2 }
const small = { x: 0, y: 0, width: 1000, height: 2000 }
const large = { x: 0, y: 0, width: 1000, height: 20_000 }

/** Where a point of the design is seen on the screen, by way of the picture. */
function seenAt(point: { x: number; y: number }, view: View) {
  const { x, y, scale } = pictureTransform(painted, view, frame)
  const onPicture = (at: number, offset: number, margin: number) => at * painted.zoom + offset + margin
  const [left, top] = [MARGIN * frame.width, MARGIN * frame.height]
  return {
    x: -left + x + scale * onPicture(point.x, painted.x, left),
    y: -top + y + scale * onPicture(point.y, painted.y, top),
  }
}

it('shows every point where the view has it', () => {
  for (const view of [painted, { x: -70, y: 200, zoom: 0.2 }, { x: 5, y: -8, zoom: 0.27 }]) {
    const seen = seenAt({ x: 300, y: 700 }, view)
    expect(seen.x).toBeCloseTo(300 * view.zoom + view.x)
    expect(seen.y).toBeCloseTo(700 * view.zoom + view.y)
  }
})

it('is kept while it shows all there is to see', () => {
  expect(stillCovers(painted, { ...painted, y: -300 }, frame, small)).toBe(true)
  expect(stillCovers(painted, { ...painted, y: 30 - 140 }, frame, large)).toBe(true)
  expect(stillCovers(painted, { ...painted, y: 30 - 160 }, frame, large)).toBe(false)
})

it('is painted anew when it would be too coarse or too fine', () => {
  expect(stillCovers(painted, { ...painted, zoom: 0.26 }, frame, small)).toBe(true)
  expect(stillCovers(painted, { ...painted, zoom: 0.31 }, frame, small)).toBe(false)
  expect(stillCovers(painted, { ...painted, zoom: 0.13 }, frame, small)).toBe(false)
})

it('covers no more of the picture than the blocks, and no more than there is of the picture', () => {
  expect(paintedArea(painted, frame, small)).toEqual({ x: 116, y: 176, width: 208, height: 408 })
  expect(paintedArea(painted, frame, large)).toEqual({ x: 116, y: 176, width: 208, height: 900 - 176 })
  const left = paintedArea({ ...painted, x: -900 }, frame, small)
  expect([left.x, left.width]).toEqual([0, 0])
})
