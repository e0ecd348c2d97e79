/**
 * Zooms with two fingers. React Flow would move the near view in each frame of a pinch, also where the far view covers it, and gives a
 * finger on the selected block to the block.
 */

import type { View } from '../document/geometry'
import { ZOOMS } from './detail'
import type { SeenView } from './useViewport'

interface Grip {
  x: number
  y: number
  apart: number
}

/** A single finger has no distance to another one, so it moves the view without a zoom. */
function gripOf(touches: readonly Touch[], { left, top }: DOMRect): Grip {
  const [a, b = a] = touches as [Touch, Touch?]
  return {
    x: (a.clientX + b.clientX) / 2 - left,
    y: (a.clientY + b.clientY) / 2 - top,
    apart: Math.max(1, Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY)),
  }
}

/** The view in which what lay between two fingers lies between them still. */
function pinched(view: View, from: Grip, to: Grip): View {
  const zoom = Math.min(ZOOMS[1], Math.max(ZOOMS[0], (view.zoom * to.apart) / from.apart))
  const scale = zoom / view.zoom
  return { zoom, x: to.x - (from.x - view.x) * scale, y: to.y - (from.y - view.y) * scale }
}

const isOnPort = ({ target }: Touch): boolean => target instanceof Element && target.closest('.react-flow__handle') !== null

/** Zoom from now on; returns a function that stops this. From the second finger on, until the last one is up, nothing else gets moves. */
export function watchPinch(frame: HTMLElement, { now, move, end }: Pick<SeenView, 'now' | 'move' | 'end'>): () => void {
  let from: { view: View; grip: Grip; fingers: number } | null = null
  const hold = ({ touches }: TouchEvent) => {
    const fingers = Math.min(2, touches.length)
    from = { view: now(), grip: gripOf([...touches].slice(0, 2), frame.getBoundingClientRect()), fingers }
  }
  const keep = (event: TouchEvent) => {
    event.preventDefault()
    event.stopPropagation()
  }
  const onStart = (event: TouchEvent) => {
    if (!from && (event.touches.length !== 2 || [...event.touches].some(isOnPort))) return
    keep(event)
    hold(event)
  }
  const onMove = (event: TouchEvent) => {
    if (!from) return
    keep(event)
    if (from.fingers !== Math.min(2, event.touches.length)) return hold(event)
    move(pinched(from.view, from.grip, gripOf([...event.touches].slice(0, 2), frame.getBoundingClientRect())))
  }
  const onEnd = (event: TouchEvent) => {
    if (!from) return
    if (event.touches.length > 0) return hold(event)
    from = null
    end()
  }
  const wanted = { capture: true, passive: false }
  frame.addEventListener('touchstart', onStart, wanted)
  frame.addEventListener('touchmove', onMove, wanted)
  frame.addEventListener('touchend', onEnd, wanted)
  frame.addEventListener('touchcancel', onEnd, wanted)
  return () => {
    frame.removeEventListener('touchstart', onStart, wanted)
    frame.removeEventListener('touchmove', onMove, wanted)
    frame.removeEventListener('touchend', onEnd, wanted)
    frame.removeEventListener('touchcancel', onEnd, wanted)
  }
}
