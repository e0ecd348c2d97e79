/** The watched board at full speed: a canvas above the steady board, on which the player worker draws. */

import { useCallback, useEffect, useLayoutEffect, useMemo, useRef } from 'react'
import { useStore } from 'zustand'
import { type BoardColours, type BoardLook, type BoardOverlay, painting } from '../player/player'
import { onScheme } from '../ui/theme'
import { LARGEST_COLOURED } from '../ui/tiles'
import { useLayer } from './Inside'
import { playStore } from './play_state'

const EXPERTS = 8

/** Whether a worker can draw on a canvas of the page in this browser; without that the steady board follows. */
export const canPaint =
  typeof OffscreenCanvas !== 'undefined' &&
  'transferControlToOffscreen' in HTMLCanvasElement.prototype &&
  new OffscreenCanvas(1, 1).getContext('2d') !== null

/** `onPainted` is told whether the canvas has a board. */
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
    // control of a canvas can be given away once only
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
  // as a browser places the edges of a box, so that no pixel is scaled
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
