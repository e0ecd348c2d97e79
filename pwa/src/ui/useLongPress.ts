/** Tells a long press from a tap and a scroll, by pointer events alone. */

import { type PointerEvent, useCallback, useEffect, useRef } from 'react'

const HOLD_MS = 450
const HOLD_SLOP_PX = 8

interface Hold {
  /** Start waiting; `onHold` is called once the pointer has rested long enough. A second pointer cancels it. */
  start: (event: PointerEvent, onHold: () => void) => void
  /** Cancel when the pointer has moved away. */
  move: (event: PointerEvent) => void
  release: () => void
}

export function useLongPress(): Hold {
  const held = useRef<{ timer: number; x: number; y: number } | null>(null)
  const release = useCallback(() => {
    if (held.current) clearTimeout(held.current.timer)
    held.current = null
  }, [])
  useEffect(() => release, [release])
  const start = useCallback(
    (event: PointerEvent, onHold: () => void) => {
      const second = held.current !== null
      release()
      if (second || event.button !== 0) return
      const timer = window.setTimeout(() => {
        held.current = null
        onHold()
      }, HOLD_MS)
      held.current = { timer, x: event.clientX, y: event.clientY }
    },
    [release],
  )
  const move = useCallback(
    (event: PointerEvent) => {
      const from = held.current
      if (from && Math.hypot(event.clientX - from.x, event.clientY - from.y) > HOLD_SLOP_PX) release()
    },
    [release],
  )
  return { start, move, release }
}
