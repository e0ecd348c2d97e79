/** The far view: the whole design as a picture; a tap zooms in. */

import { type RefObject, useEffect, useRef } from 'react'
import type { FarPicture } from './far_picture'
import type { SeenView } from './useViewport'

const load = () => import('./far_picture')

export function Overview({ frame, shown, view }: { frame: RefObject<HTMLDivElement | null>; shown: boolean; view: SeenView }) {
  const box = useRef<HTMLDivElement>(null)
  const picture = useRef<FarPicture>(undefined)
  const isShown = useRef(shown)
  isShown.current = shown
  // loaded when the page is idle, so that the first pinch does not wait for it; at once if the far view is shown first
  useEffect(() => {
    let left = false
    const make = async () => {
      // without its code (no connection at the start) the far view shows an empty background
      const parts = await load().catch(() => null)
      if (!parts || left || !box.current || !frame.current) return
      picture.current = new parts.FarPicture(box.current, frame.current, view)
      if (isShown.current) picture.current.show(true)
    }
    const waits = 'requestIdleCallback' in window && !isShown.current
    const idle = waits ? requestIdleCallback(make) : undefined
    if (!waits) void make()
    return () => {
      left = true
      if (idle !== undefined) cancelIdleCallback(idle)
      picture.current?.close()
      picture.current = undefined
    }
  }, [frame, view])
  useEffect(() => {
    const element = frame.current
    if (!element) return
    if (shown) element.dataset.far = ''
    else delete element.dataset.far
    picture.current?.show(shown)
  }, [frame, shown])
  return (
    <div ref={box} className="far" aria-hidden="true" hidden>
      <canvas />
      <canvas />
    </div>
  )
}
