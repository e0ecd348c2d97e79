/** Reads values off a chart at the finger and zooms its horizontal axis with two; up and down still scrolls the page. */

import { type PointerEvent as ReactPointerEvent, type RefObject, useEffect, useRef, useState } from 'react'
import type uPlot from 'uplot'
import type { Extent } from './chart_options'

const MOST_ZOOM = 200
const DOUBLE_TAP_MS = 300

/** Where values are read: the place among `x`, and where that is in px of the plot's box. */
export interface ReadAt {
  index: number
  left: number
  /** whether it is in the left half */
  isLeft: boolean
}

interface Pinch {
  /** places on the axis under the two fingers when they came down */
  from: number
  to: number
}

export function useChartGestures(chart: RefObject<uPlot | null>, zoom: RefObject<Extent | null>, count: number) {
  const [at, setAt] = useState<ReadAt>()
  const [isZoomed, setZoomed] = useState(false)
  const fingers = useRef(new Map<number, number>())
  const pinch = useRef<Pinch | null>(null)
  const lastTap = useRef(0)

  const show = (extent: Extent | null) => {
    zoom.current = extent
    setZoomed(extent !== null)
    setAt(undefined)
    const full = chart.current?.data[0]
    // the range function of the axis knows the extent; these numbers only make uPlot ask it
    if (full && full.length > 0) chart.current?.setScale('x', { min: 0, max: (full.at(-1) as number) || 1 })
  }
  const resetZoom = () => show(null)

  // a series of another run, or on another axis, is shown whole
  useEffect(() => {
    if (count === 0) zoom.current = null
  }, [count, zoom])

  // a tap anywhere else ends the reading
  useEffect(() => {
    if (!at) return
    const end = (event: PointerEvent) => {
      if (!(event.target instanceof Node && chart.current?.root.contains(event.target))) setAt(undefined)
    }
    document.addEventListener('pointerdown', end)
    return () => document.removeEventListener('pointerdown', end)
  }, [at, chart])

  const read = (clientX: number) => {
    const plot = chart.current
    if (plot) setAt(readAt(plot, clientX))
  }
  const handlers = {
    onPointerDown: (event: ReactPointerEvent<HTMLElement>) => {
      const plot = chart.current
      if (!plot) return
      event.currentTarget.setPointerCapture?.(event.pointerId)
      fingers.current.set(event.pointerId, event.clientX)
      if (fingers.current.size === 2) pinch.current = pinchOf(plot, [...fingers.current.values()])
      if (fingers.current.size > 1) return setAt(undefined)
      if (event.timeStamp - lastTap.current < DOUBLE_TAP_MS && zoom.current) resetZoom()
      else read(event.clientX)
      lastTap.current = event.timeStamp
    },
    onPointerMove: (event: ReactPointerEvent<HTMLElement>) => {
      const plot = chart.current
      if (!plot) return
      if (fingers.current.has(event.pointerId)) fingers.current.set(event.pointerId, event.clientX)
      if (pinch.current && fingers.current.size === 2) show(extentOf(plot, pinch.current, [...fingers.current.values()]))
      else if (fingers.current.size === 1 || event.pointerType === 'mouse') read(event.clientX)
    },
    onPointerUp: (event: ReactPointerEvent<HTMLElement>) => release(event.pointerId),
    onPointerCancel: (event: ReactPointerEvent<HTMLElement>) => {
      release(event.pointerId)
      setAt(undefined)
    },
    onPointerLeave: (event: ReactPointerEvent<HTMLElement>) => {
      if (event.pointerType === 'mouse') setAt(undefined)
    },
  }
  const release = (pointerId: number) => {
    fingers.current.delete(pointerId)
    if (fingers.current.size < 2) pinch.current = null
  }
  return { at, isZoomed, resetZoom, handlers }
}

/** The left edge of the plotting area in px of the window, and its width. */
function areaOf(plot: uPlot): { left: number; width: number } {
  const { left, width } = plot.over.getBoundingClientRect()
  return { left, width }
}

export function readAt(plot: uPlot, clientX: number): ReadAt {
  const { left, width } = areaOf(plot)
  const within = Math.min(Math.max(0, clientX - left), width)
  const index = plot.posToIdx(within)
  const place = plot.valToPos(plot.data[0][index] as number, 'x')
  return { index, left: place + left - plot.root.getBoundingClientRect().left, isLeft: within < width / 2 }
}

function pinchOf(plot: uPlot, fingers: readonly number[]): Pinch {
  const { left } = areaOf(plot)
  const [a = 0, b = 0] = [...fingers].sort((one, other) => one - other)
  return { from: plot.posToVal(a - left, 'x'), to: plot.posToVal(b - left, 'x') }
}

/** The part of the axis that puts both places under their fingers again; null where that is all of it. */
export function extentOf(plot: uPlot, { from, to }: Pinch, fingers: readonly number[]): Extent | null {
  const { left, width } = areaOf(plot)
  const full = (plot.data[0].at(-1) as number) || 1
  const [a = 0, b = 0] = [...fingers].sort((one, other) => one - other)
  const perPx = Math.min((to - from) / Math.max(1, b - a), full / width)
  const span = Math.max(perPx * width, full / MOST_ZOOM)
  const min = Math.min(Math.max(0, from - (a - left) * (span / width)), full - span)
  return span >= full * 0.999 ? null : { min, max: min + span }
}
