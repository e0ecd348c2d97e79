/** The far view: the whole design on one canvas, as coloured rectangles and straight edges; a tap zooms in. */

import { useOnViewportChange, useReactFlow } from '@xyflow/react'
import { type RefObject, useCallback, useEffect, useRef } from 'react'
import { documentStore, openLevel } from '../document/store'
import { onHeat } from '../runs/expert_heat'
import { paintFar } from './overview'

const SHARPEST = 2

export function Overview({ frame }: { frame: RefObject<HTMLDivElement | null> }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const wanted = useRef(0)
  const { getViewport } = useReactFlow()
  const redraw = useCallback(() => {
    cancelAnimationFrame(wanted.current)
    wanted.current = requestAnimationFrame(() => {
      const level = openLevel(documentStore.getState())
      if (canvas.current && level) paintFar(canvas.current, level, documentStore.getState().selection, getViewport())
    })
  }, [getViewport])

  useOnViewportChange({ onChange: redraw })
  useEffect(() => {
    const element = frame.current
    if (!canvas.current || !element) return
    const ratio = Math.min(SHARPEST, window.devicePixelRatio)
    canvas.current.width = element.clientWidth * ratio
    canvas.current.height = element.clientHeight * ratio
    element.dataset.far = ''
    const stops = [documentStore.subscribe(redraw), onHeat(redraw)]
    redraw()
    return () => {
      delete element.dataset.far
      for (const stop of stops) stop()
    }
  }, [frame, redraw])
  return <canvas ref={canvas} className="far" />
}
