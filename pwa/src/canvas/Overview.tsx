/** The far view: the whole design as a picture; a tap zooms in. */

import { useOnViewportChange, useReactFlow } from '@xyflow/react'
import { type RefObject, useCallback, useEffect, useRef } from 'react'
import type { View } from '../document/geometry'
import { FarPicture } from './far_picture'

export function Overview({ frame, shown }: { frame: RefObject<HTMLDivElement | null>; shown: boolean }) {
  const box = useRef<HTMLDivElement>(null)
  const picture = useRef<FarPicture>(undefined)
  const { getViewport } = useReactFlow()
  useOnViewportChange({ onChange: (view: View) => picture.current?.follow(view) })
  const made = useCallback(() => {
    if (box.current) picture.current ??= new FarPicture(box.current, getViewport)
    return picture.current
  }, [getViewport])
  // Made while nothing else is to be done, so that the first pinch does not wait for it.
  useEffect(() => {
    const idle = 'requestIdleCallback' in window ? requestIdleCallback(made) : undefined
    return () => {
      if (idle !== undefined) cancelIdleCallback(idle)
      picture.current?.close()
      picture.current = undefined
    }
  }, [made])
  useEffect(() => {
    const element = frame.current
    if (!element) return
    if (shown) element.dataset.far = ''
    else delete element.dataset.far
    if (shown || picture.current) made()?.show(shown)
  }, [frame, shown, made])
  return (
    <div ref={box} className="far" aria-hidden="true" hidden>
      <canvas />
      <canvas />
    </div>
  )
}
