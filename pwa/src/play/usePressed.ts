/** Moves by swipes on an element and by the arrow keys. */

import { type PointerEvent, useEffect, useRef } from 'react'
import { layerCount } from '../navigation/layers'
import { moveOfKey, swipeOf } from './actions'

/** Handlers for an element on which a person swipes; each touch makes one move, as soon as its direction is clear. */
export function useSwipes(press: (action: number) => void) {
  const start = useRef<{ id: number; x: number; y: number } | null>(null)
  return {
    onPointerDown: ({ pointerId, clientX, clientY, isPrimary }: PointerEvent) => {
      if (isPrimary) start.current = { id: pointerId, x: clientX, y: clientY }
    },
    onPointerMove: ({ pointerId, clientX, clientY }: PointerEvent) => {
      const from = start.current
      if (!from || from.id !== pointerId) return
      const action = swipeOf(clientX - from.x, clientY - from.y)
      if (action === null) return
      start.current = null
      press(action)
    },
    onPointerUp: () => {
      start.current = null
    },
    onPointerCancel: () => {
      start.current = null
    },
  }
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)

/** Make moves with the arrow keys while nothing lies over the screen. */
export function useArrowKeys(press: (action: number) => void): void {
  const newest = useRef(press)
  newest.current = press
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const action = moveOfKey(event.key)
      if (action === undefined || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
      if (isTyping(event.target) || layerCount() > 0) return
      event.preventDefault()
      newest.current(action)
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [])
}
