/** Two fingers of which one rests on the selected block: React Flow gives that finger to the block, so the zoom is worked out here. */

import type { View } from '../document/geometry'

/** The smallest and the largest zoom. */
export const ZOOMS = [0.05, 2.5] as const

interface Grip {
  x: number
  y: number
  apart: number
}

function gripOf([a, b]: readonly [Touch, Touch], { left, top }: DOMRect): Grip {
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

const twoOf = ({ touches }: TouchEvent): [Touch, Touch] | undefined => {
  const [a, b] = touches
  return a && b && touches.length === 2 ? [a, b] : undefined
}

const isHeld = ({ target }: Touch): boolean =>
  target instanceof Element && !target.closest('.react-flow__handle') && target.closest('.react-flow__node.draggable') !== null

/** Zoom from now on; returns a function that stops this. From the second finger on, until the last one is up, nobody else hears of moves. */
export function watchPinch(frame: HTMLElement, view: () => View, setView: (view: View) => unknown): () => void {
  let from: { view: View; grip: Grip } | null = null
  const keep = (event: TouchEvent) => {
    event.preventDefault()
    event.stopPropagation()
  }
  const onStart = (event: TouchEvent) => {
    const two = twoOf(event)
    if (!two || !(from || two.some(isHeld))) return
    keep(event)
    from = { view: view(), grip: gripOf(two, frame.getBoundingClientRect()) }
  }
  const onMove = (event: TouchEvent) => {
    if (!from) return
    keep(event)
    const two = twoOf(event)
    if (two) setView(pinched(from.view, from.grip, gripOf(two, frame.getBoundingClientRect())))
  }
  const onEnd = (event: TouchEvent) => {
    if (event.touches.length === 0) from = null
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
