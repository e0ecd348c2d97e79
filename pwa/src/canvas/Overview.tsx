/** The far view: the whole design as a picture; a tap zooms in. */

import { useOnViewportChange, useReactFlow } from '@xyflow/react'
import { type RefObject, useEffect, useRef } from 'react'
import type { View } from '../document/geometry'
import type { FarPicture } from './far_picture'

const load = () => import('./far_picture')

export function Overview({ frame, shown }: { frame: RefObject<HTMLDivElement | null>; shown: boolean }) {
  const box = useRef<HTMLDivElement>(null)
  const picture = useRef<FarPicture>(undefined)
  const isShown = useRef(shown)
  isShown.current = shown
  const { getViewport } = useReactFlow()
  useOnViewportChange({ onChange: (view: View) => picture.current?.follow(view) })
  // loaded when the page is idle, so that the first pinch does not wait for it; at once if the far view is shown first
  useEffect(() => {
    let left = false
    const make = async () => {
      // without its code (no connection at the start) the far view shows an empty background
      const parts = await load().catch(() => null)
      if (!parts || left || !box.current) return
      picture.current = new parts.FarPicture(box.current, getViewport)
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
  }, [getViewport])
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
