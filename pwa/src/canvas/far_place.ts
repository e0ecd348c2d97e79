/** Where the picture of the far view lies on the screen: it is moved and scaled with the view, and painted anew only where it no longer covers it. */

import type { Box, View } from '../document/geometry'

export interface Size {
  width: number
  height: number
}

/** How far the picture reaches beyond each side of the frame, as a share of the frame. */
export const MARGIN = 0.25
/** The picture is painted anew when it is enlarged or reduced by more. */
const MOST_SCALED = 1.5

/** The movement of a picture painted for one view that shows another one; its origin is its upper left corner. */
export function pictureTransform(painted: View, view: View, frame: Size): { x: number; y: number; scale: number } {
  const scale = view.zoom / painted.zoom
  const [left, top] = [MARGIN * frame.width, MARGIN * frame.height]
  return {
    scale,
    x: view.x - scale * painted.x + left - scale * left,
    y: view.y - scale * painted.y + top - scale * top,
  }
}

/** px around the blocks, for the line around a selected one */
const PADDING = 4

/** The part of the picture that the blocks are in, in px of the page from the picture's upper left corner. */
export function paintedArea({ x, y, zoom }: View, frame: Size, bounds: Box): Box {
  const clamp = (value: number, most: number) => Math.min(most, Math.max(0, value))
  const [across, down] = [frame.width * (1 + 2 * MARGIN), frame.height * (1 + 2 * MARGIN)]
  const [left, top] = [MARGIN * frame.width + x, MARGIN * frame.height + y]
  const from = {
    x: clamp(Math.floor(left + bounds.x * zoom) - PADDING, across),
    y: clamp(Math.floor(top + bounds.y * zoom) - PADDING, down),
  }
  return {
    ...from,
    width: clamp(Math.ceil(left + (bounds.x + bounds.width) * zoom) + PADDING, across) - from.x,
    height: clamp(Math.ceil(top + (bounds.y + bounds.height) * zoom) + PADDING, down) - from.y,
  }
}

/** Whether a picture painted for one view still shows everything of `bounds` that can be seen in another view. */
export function stillCovers(painted: View, view: View, frame: Size, bounds: Box): boolean {
  const scale = view.zoom / painted.zoom
  if (scale > MOST_SCALED || scale < 1 / MOST_SCALED) return false
  const seen = inDesign(view, frame, 0)
  const drawn = inDesign(painted, frame, MARGIN)
  return (
    Math.max(seen.left, bounds.x) >= drawn.left &&
    Math.max(seen.top, bounds.y) >= drawn.top &&
    Math.min(seen.right, bounds.x + bounds.width) <= drawn.right &&
    Math.min(seen.bottom, bounds.y + bounds.height) <= drawn.bottom
  )
}

/** The part of the design that a frame shows, with a margin as a share of the frame. */
function inDesign({ x, y, zoom }: View, { width, height }: Size, margin: number) {
  return {
    left: (-margin * width - x) / zoom,
    top: (-margin * height - y) / zoom,
    right: ((1 + margin) * width - x) / zoom,
    bottom: ((1 + margin) * height - y) / zoom,
  }
}
