/** The view of the canvas: where it starts, what stays in sight, when near becomes far. */

import { useOnViewportChange, useReactFlow, type Viewport } from '@xyflow/react'
import { type RefObject, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { useStore } from 'zustand'
import { findComponent } from '../document/edits'
import { boundsOf, boxOf, fittingView, panInto, type View } from '../document/geometry'
import { documentStore, openLevel } from '../document/store'
import { uiStore } from '../editor/ui_state'
import { detailAt } from './detail'
import { sizeInSight } from './visible_area'

const FAR_BELOW = 0.38
const NEAR_ABOVE = 0.45
/** While a pinch moves over a large design: below this zoom blocks show symbols, as the far view does, and need not be mounted. */
const MOVING_FAR_BELOW = 0.63
/** long enough for a sheet to be on the page */
const SETTLE_MS = 60

/** The last view of each place of the open design, so that coming back finds the design where it was. */
const kept = { id: '', views: new Map<string | null, Viewport>() }

interface Shown {
  id: string | undefined
  inside: string | null
}

const shownNow = (): Shown => {
  const { design, inside } = documentStore.getState()
  return { id: design?.id, inside }
}

/** Keep the view of a place; a movement that ends after the place was left is kept for that place too. */
function keep({ id, inside }: Shown, view: Viewport): void {
  if (id === undefined) return
  if (kept.id !== id) {
    if (id !== shownNow().id) return
    kept.views.clear()
    kept.id = id
  }
  kept.views.set(inside, view)
}

/** The view as it is seen: while a pinch moves the far view it is ahead of React Flow's, which draws nothing there. */
export interface SeenView {
  now: () => Viewport
  /** Whether fingers hold it: what is drawn is then left as it is, since a touch on an element that is removed is lost. */
  isHeld: () => boolean
  /** Two fingers move it. */
  move: (view: Viewport) => void
  /** The fingers are up. */
  end: () => void
  /** Call `listener` with every new view; returns how to stop. */
  subscribe: (listener: (view: Viewport) => void) => () => void
}

interface CanvasView {
  zoom: number
  far: boolean
  /** whether it is far and no finger has moved it since: only then what was near is removed from the page */
  resting: boolean
  onMoveEnd: (event: unknown, view: Viewport) => void
  seen: SeenView
}

/** Where the view starts: where it was left, else around the whole design. */
export function startingView(frame: HTMLElement): Viewport {
  const state = documentStore.getState()
  const level = openLevel(state)
  const left = kept.id === state.design?.id ? kept.views.get(state.inside) : undefined
  if (!level || left) return left ?? { x: 0, y: 0, zoom: 1 }
  return fittingView(boundsOf(level.components), frame.clientWidth, frame.clientHeight)
}

/** `large`: whether blocks are mounted only where they are in sight */
export function useViewport(frame: RefObject<HTMLDivElement | null>, initial: Viewport, large: boolean): CanvasView {
  const [zoom, setZoom] = useState(initial.zoom)
  const [far, setFar] = useState<'no' | 'moving' | 'resting'>(initial.zoom < FAR_BELOW ? 'resting' : 'no')
  const [shown] = useState(shownNow)

  const settleOn = useCallback(
    (view: Viewport) => {
      keep(shown, view)
      setZoom(Math.round(view.zoom * 20) / 20 || 0.05)
      setFar((was) => (view.zoom < (was === 'no' ? FAR_BELOW : NEAR_ABOVE) ? 'resting' : 'no'))
      markDetail(frame.current, view.zoom)
    },
    [frame, shown],
  )
  useEffect(() => settleOn(initial), [initial, settleOn])
  // Far begins during a pinch, since hundreds of blocks would come into view; near begins at its end, since it draws many at once.
  const onView = useCallback(
    (view: View) => {
      markDetail(frame.current, view.zoom)
      if (view.zoom < (large ? MOVING_FAR_BELOW : FAR_BELOW)) setFar((was) => (was === 'no' ? 'moving' : was))
    },
    [frame, large],
  )
  const seen = useSeenView(frame)
  useEffect(() => seen.subscribe(onView), [seen, onView])
  useKeepInSight(frame)
  useStayInSight(frame)
  // React Flow reports an end after each view that is set, also during a pinch
  const onMoveEnd = useCallback((_event: unknown, view: Viewport) => seen.isHeld() || settleOn(view), [seen, settleOn])
  return { zoom, far: far !== 'no', resting: far === 'resting', onMoveEnd, seen }
}

/** React Flow calls a single listener to changes of the view, so this one passes them on to all others. */
function useSeenView(frame: RefObject<HTMLDivElement | null>): SeenView {
  const { getViewport, setViewport } = useReactFlow()
  const [seen, tell] = useMemo(() => {
    const listeners = new Set<(view: Viewport) => void>()
    let ahead: Viewport | null = null
    let held = false
    const tell = (view: Viewport) => {
      for (const listener of listeners) listener(view)
    }
    const seen: SeenView = {
      now: () => ahead ?? getViewport(),
      isHeld: () => held,
      move: (view) => {
        held = true
        if (frame.current?.dataset.far === undefined) return void setViewport(view)
        ahead = view
        tell(view)
      },
      end: () => {
        const last = seen.now()
        held = false
        ahead = null
        void setViewport(last)
      },
      subscribe: (listener) => {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
    }
    return [seen, tell] as const
  }, [frame, getViewport, setViewport])
  useOnViewportChange({ onChange: tell })
  return seen
}

/** One attribute for the level of detail; CSS does the rest, so that a frame of a pinch recomputes no styles. */
function markDetail(element: HTMLElement | null, zoom: number): void {
  const detail = detailAt(zoom)
  if (element && element.dataset.detail !== detail) element.dataset.detail = detail
}

/** Pan so that the selected block is not under a sheet or out of sight, and back once the sheet has closed. */
function useKeepInSight(frame: RefObject<HTMLDivElement | null>): void {
  const selected = useStore(documentStore, (state) => (state.selection.length === 1 ? state.selection[0] : undefined))
  const sheet = useStore(uiStore, (state) => state.sheet?.name)
  const aside = useRef<{ from: Viewport; to: Viewport } | null>(null)
  const { getViewport, setViewport } = useReactFlow()
  useEffect(() => {
    let ended = false
    const look = (again: boolean) => {
      const element = frame.current
      if (!element || ended) return
      const now = getViewport()
      const untouched = aside.current !== null && sameView(now, aside.current.to)
      const base = !sheet && untouched && aside.current ? aside.current.from : now
      const next = selected ? viewWith(selected, base, sizeInSight(element, sheet !== undefined)) : base
      if (sheet)
        aside.current = sameView(now, next)
          ? aside.current
          : { from: untouched && aside.current ? aside.current.from : now, to: next }
      else aside.current = null
      if (sameView(now, next)) return
      // the canvas may have become smaller meanwhile; a view that a finger has moved stays
      void setViewport(next, { duration: panMs() }).then(() => again && sameView(getViewport(), next) && look(false))
    }
    const timer = setTimeout(() => look(true), SETTLE_MS)
    return () => {
      ended = true
      clearTimeout(timer)
    }
  }, [selected, sheet, frame, getViewport, setViewport])
}

/** What was in sight stays so when the canvas gets smaller, as it does when the validation banner grows; a turned phone keeps its middle. */
function useStayInSight(frame: RefObject<HTMLDivElement | null>): void {
  const { getViewport, setViewport } = useReactFlow()
  useEffect(() => {
    const element = frame.current
    if (!element) return
    let before = element.clientHeight
    let width = element.clientWidth
    const observer = new ResizeObserver(() => {
      const lost = before - element.clientHeight
      const wider = element.clientWidth - width
      before = element.clientHeight
      width = element.clientWidth
      if (wider !== 0) {
        const view = getViewport()
        void setViewport({ ...view, x: view.x + wider / 2 })
        return
      }
      const { selection } = documentStore.getState()
      const [selected] = selection
      if (lost <= 0 || !selected || selection.length > 1 || element.querySelector('.dragging')) return
      const now = getViewport()
      const inSight = sizeInSight(element, uiStore.getState().sheet !== null)
      const wasInSight = sameView(now, viewWith(selected, now, { ...inSight, height: inSight.height + lost }))
      const next = viewWith(selected, now, inSight)
      if (wasInSight && !sameView(now, next)) void setViewport(next, { duration: panMs() })
    })
    observer.observe(element)
    return () => observer.disconnect()
  }, [frame, getViewport, setViewport])
}

/** The view, panned if it has to be, in which a component can be seen in the part of the canvas that nothing covers. */
function viewWith(id: string, view: Viewport, inSight: { width: number; height: number }): Viewport {
  const { design } = documentStore.getState()
  const component = design && findComponent(design, id)
  if (!component) return view
  const pan = panInto(boxOf(component), view, inSight.width, inSight.height)
  return pan ? { zoom: view.zoom, x: view.x + pan.x, y: view.y + pan.y } : view
}

const sameView = (a: Viewport, b: Viewport): boolean =>
  Math.abs(a.x - b.x) < 1 && Math.abs(a.y - b.y) < 1 && Math.abs(a.zoom - b.zoom) < 0.001

export const panMs = (): number => (window.matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 220)
