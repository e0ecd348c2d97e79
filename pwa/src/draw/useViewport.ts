/** The view of the canvas: where it starts, what stays in sight, when near becomes far. */

import { useOnViewportChange, useReactFlow, type Viewport } from '@xyflow/react'
import { type RefObject, useCallback, useEffect, useRef, useState } from 'react'
import { useStore } from 'zustand'
import { uiStore } from '../app/ui'
import { findComponent } from '../document/steps'
import { documentStore } from '../document/store'
import { boundsOf, boxOf, fittingView, panInto } from './geometry'

const FAR_BELOW = 0.38
const NEAR_ABOVE = 0.45
const DETAIL_ABOVE = 0.8
const MOST_PORT_GROWTH = 1.8
const BAR_PX = 64

/** The last view of the open design, so that coming back from another screen finds the drawing where it was. */
let kept: { id: string; view: Viewport } | null = null

export interface CanvasView {
  initial: Viewport
  zoom: number
  far: boolean
  onMoveEnd: (event: unknown, view: Viewport) => void
}

export function useViewport(frame: RefObject<HTMLDivElement | null>): CanvasView {
  const id = documentStore.getState().design?.id ?? ''
  const [initial] = useState<Viewport>(() => (kept?.id === id ? kept.view : { x: 0, y: 0, zoom: 1 }))
  const [zoom, setZoom] = useState(initial.zoom)
  const [far, setFar] = useState(initial.zoom < FAR_BELOW)
  const { setViewport } = useReactFlow()
  const fresh = useRef(kept?.id !== id)

  const settleOn = useCallback(
    (view: Viewport) => {
      kept = { id, view }
      setZoom(Math.round(view.zoom * 20) / 20 || 0.05)
      setFar((was) => (was ? view.zoom < NEAR_ABOVE : view.zoom < FAR_BELOW))
      markDetail(frame.current, view.zoom)
    },
    [frame, id],
  )

  useEffect(() => {
    const element = frame.current
    const { design } = documentStore.getState()
    if (!element || !design) return
    if (!fresh.current) return markDetail(element, initial.zoom)
    fresh.current = false
    const view = fittingView(boundsOf(design.components), element.clientWidth, element.clientHeight)
    void setViewport(view)
    settleOn(view)
  }, [frame, initial, setViewport, settleOn])

  useOnViewportChange({ onChange: useCallback((view: Viewport) => markDetail(frame.current, view.zoom), [frame]) })
  useKeepInSight(frame)
  return { initial, zoom, far, onMoveEnd: useCallback((_event: unknown, view: Viewport) => settleOn(view), [settleOn]) }
}

/** One attribute for the level of detail and one variable for the size of ports; CSS does the rest. */
function markDetail(element: HTMLElement | null, zoom: number): void {
  if (!element) return
  const detail = zoom >= DETAIL_ABOVE ? 'near' : 'mid'
  if (element.dataset.detail !== detail) element.dataset.detail = detail
  element.style.setProperty('--port-scale', String(Math.min(MOST_PORT_GROWTH, 1 / zoom)))
}

/** Pan so that the selected block is not under a sheet or out of sight. */
function useKeepInSight(frame: RefObject<HTMLDivElement | null>): void {
  const selected = useStore(documentStore, (state) => (state.selection.length === 1 ? state.selection[0] : undefined))
  const sheet = useStore(uiStore, (state) => state.sheet?.name)
  const { getViewport, setViewport } = useReactFlow()
  useEffect(() => {
    if (!selected) return
    const timer = setTimeout(() => {
      const element = frame.current
      const { design } = documentStore.getState()
      const component = design && findComponent(design, selected)
      if (!element || !component) return
      const view = getViewport()
      const { top, height, width } = element.getBoundingClientRect()
      const sheetTop = sheet ? document.querySelector('.bottom-sheet')?.getBoundingClientRect().top : undefined
      const inSight = sheetTop === undefined ? height - BAR_PX : Math.max(BAR_PX, sheetTop - top)
      const pan = panInto(boxOf(component), view, width, Math.min(inSight, height))
      if (pan) void setViewport({ zoom: view.zoom, x: view.x + pan.x, y: view.y + pan.y }, { duration: panMs() })
    }, 60)
    return () => clearTimeout(timer)
  }, [selected, sheet, frame, getViewport, setViewport])
}

export const panMs = (): number => (window.matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 220)
