/** The watched board at full speed: a canvas above the board of elements, drawn by the player worker. */

import { useCallback, useEffect, useLayoutEffect, useMemo, useRef } from 'react'
import { useStore } from 'zustand'
import { type BoardColours, type BoardLook, type BoardOverlay, painting } from '../player/player'
import { onScheme } from '../ui/theme'
import { LARGEST_COLOURED } from '../ui/tiles'
import { useLayer } from './Inside'
import { playStore } from './play_state'

const EXPERTS = 8

/** Whether this browser supports OffscreenCanvas; otherwise the board of elements shows the game. */
export const canPaint =
  typeof OffscreenCanvas !== 'undefined' &&
  'transferControlToOffscreen' in HTMLCanvasElement.prototype &&
  new OffscreenCanvas(1, 1).getContext('2d') !== null

/** `onPainted` is called with whether the canvas shows a board. */
export function PaintedBoard({ onPainted }: { onPainted: (painted: boolean) => void }) {
  const place = useRef<HTMLDivElement>(null)
  const overlay = useOverlay()
  const newest = useRef(overlay)
  const renew = useCallback(() => {
    if (place.current) painting.change(lookOf(place.current, newest.current))
  }, [])
  useLayoutEffect(() => {
    const element = place.current
    if (!element) return
    // a canvas can be transferred only once, so each effect creates its own
    const canvas = element.appendChild(document.createElement('canvas'))
    painting.begin(canvas.transferControlToOffscreen(), lookOf(element, newest.current), () => onPainted(true))
    const resized = new ResizeObserver(renew)
    resized.observe(element)
    const stopScheme = onScheme(renew)
    return () => {
      resized.disconnect()
      stopScheme()
      painting.end()
      onPainted(false)
      canvas.remove()
    }
  }, [renew, onPainted])
  useEffect(() => {
    if (newest.current === overlay) return
    newest.current = overlay
    renew()
  }, [overlay, renew])
  return <div ref={place} className="painted-board" aria-hidden="true" />
}

function useOverlay(): BoardOverlay | null {
  const { inside, path } = useLayer()
  const cell = useStore(playStore, (state) => state.cell)
  const head = useStore(playStore, (state) => state.head)
  return useMemo(() => {
    if (path === undefined) return null
    return inside === 'experts' ? { inside, path } : { inside: 'attention', path, cell, head }
  }, [inside, path, cell, head])
}

function lookOf(element: HTMLElement, overlay: BoardOverlay | null): BoardLook {
  const { left, right } = element.getBoundingClientRect()
  const ratio = devicePixelRatio
  // rounds each edge as browsers do, so that the canvas is not scaled
  const size = Math.round(right * ratio) - Math.round(left * ratio)
  const style = getComputedStyle(element)
  return { size, ratio, font: style.fontFamily, colours: coloursOf(style), overlay }
}

function coloursOf(style: CSSStyleDeclaration): BoardColours {
  const token = (name: string): string => style.getPropertyValue(`--${name}`).trim()
  const tokens = (name: string, first: number, last: number): string[] =>
    Array.from({ length: last - first + 1 }, (_, place) => token(`${name}-${first + place}`))
  return {
    ...{ board: token('board'), cell: token('cell'), surface: token('surface'), ink: token('ink'), onExpert: token('on-expert') },
    tiles: tokens('tile', 1, LARGEST_COLOURED),
    tileInks: tokens('tile-ink', 1, LARGEST_COLOURED),
    experts: tokens('expert', 0, EXPERTS - 1),
  }
}
