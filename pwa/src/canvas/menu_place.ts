/** Where a menu opens, so that it is beside the finger and on the screen. */

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
