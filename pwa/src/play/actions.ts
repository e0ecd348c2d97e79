/** The four moves: their order is that of the network's outputs. */

import type { IconName } from '../ui/Icon'

export const ACTIONS: readonly { name: string; icon: IconName; key: string }[] = [
  { name: 'Up', icon: 'up', key: 'ArrowUp' },
  { name: 'Right', icon: 'arrow_right', key: 'ArrowRight' },
  { name: 'Down', icon: 'down', key: 'ArrowDown' },
  { name: 'Left', icon: 'arrow_left', key: 'ArrowLeft' },
]

/** The order on the screen: as the hand has them, left to right. */
export const ON_SCREEN = [3, 0, 2, 1] as const

export const actionName = (action: number): string => ACTIONS[action]?.name ?? ''

const SWIPE_PX = 22

/** The move of a swipe by (dx, dy) px; null where it is too short. */
export function swipeOf(dx: number, dy: number): number | null {
  if (Math.max(Math.abs(dx), Math.abs(dy)) < SWIPE_PX) return null
  if (Math.abs(dx) > Math.abs(dy)) return dx > 0 ? 1 : 3
  return dy > 0 ? 2 : 0
}

/** The move of an arrow key; undefined for other keys. */
export function moveOfKey(key: string): number | undefined {
  const action = ACTIONS.findIndex((each) => each.key === key)
  return action < 0 ? undefined : action
}
