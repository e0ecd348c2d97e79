/** Values that change with every frame, where drawing or reading them out takes longer than that. */

import { useEffect, useRef, useState } from 'react'

/** A value that follows another one at most once in `everyMs` (0: at once), and in the end has the same. */
export function useSlowly<T>(value: T, everyMs: number): T {
  const [shown, setShown] = useState(value)
  const takenAt = useRef(Number.NEGATIVE_INFINITY)
  useEffect(() => {
    if (shown === value) return
    const take = () => {
      takenAt.current = performance.now()
      setShown(() => value)
    }
    const wait = takenAt.current + everyMs - performance.now()
    if (wait <= 0) return take()
    const timer = setTimeout(take, wait)
    return () => clearTimeout(timer)
  }, [value, shown, everyMs])
  return everyMs === 0 ? value : shown
}
