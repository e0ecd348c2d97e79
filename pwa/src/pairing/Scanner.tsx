/** A camera preview that detects QR codes. */

import { useEffect, useRef, useState } from 'react'
import { scan } from './scanner'

export function Scanner({ onFound }: { onFound: (text: string) => void }) {
  const video = useRef<HTMLVideoElement>(null)
  const found = useRef(onFound)
  found.current = onFound
  const [refused, setRefused] = useState(false)
  useEffect(() => {
    let stop: (() => void) | undefined
    let left = false
    if (video.current)
      scan(video.current, (text) => found.current(text)).then(
        (stopping) => {
          stop = stopping
          if (left) stopping()
        },
        () => left || setRefused(true),
      )
    return () => {
      left = true
      stop?.()
    }
  }, [])
  if (refused)
    return (
      <p className="error-notice" role="status">
        The camera cannot be used: allow it for this page in the browser, or type the code.
      </p>
    )
  return (
    <div className="scanner">
      <video ref={video} muted playsInline aria-label="Camera" />
      <p>Point the camera at the code that the server shows.</p>
    </div>
  )
}
