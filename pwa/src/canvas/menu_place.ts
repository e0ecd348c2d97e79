/** Where a menu opens, and where a hint is written: beside the finger and on the screen. */

interface Size {
  width: number
  height: number
}

const EDGE = 8
const ABOVE_FINGER = 12

/** Above the finger, which would cover it otherwise; below where there is no room. */
export function menuPlace(finger: { x: number; y: number }, menu: Size, screen: Size): { left: number; top: number } {
  const left = Math.min(Math.max(EDGE, finger.x - menu.width / 2), Math.max(EDGE, screen.width - menu.width - EDGE))
  const above = finger.y - menu.height - ABOVE_FINGER
  const below = Math.min(finger.y + ABOVE_FINGER, screen.height - menu.height - EDGE)
  return { left, top: above >= EDGE ? above : Math.max(EDGE, below) }
}

/** How far above the finger a hint ends, as in `canvas.css`. */
const HINT_ABOVE = 44

/** The point above which a hint is centred: the finger, or as near to it as the hint stays on the canvas. */
export function hintPlace(finger: { x: number; y: number }, hint: Size, width: number): { x: number; y: number } {
  const half = hint.width / 2 + EDGE
  return {
    x: Math.min(Math.max(finger.x, half), Math.max(half, width - half)),
    y: Math.max(finger.y, hint.height + HINT_ABOVE + EDGE),
  }
}
