/** Shows a long list piece by piece: what is near the screen, and more as the person comes to its end. */

import { type RefObject, useEffect, useRef, useState } from 'react'

/** A screen and a half of cards; building one takes some milliseconds on a phone. */
export const STEP = 12
/** how far below the screen the next cards are made */
const AHEAD_PX = 1200

/**
 * How many of `total` items to show now, and where to put an element that stands below the last of them: when it comes near the
 * screen, more are shown.
 */
export function useGrowingCount(total: number): { count: number; end: RefObject<HTMLDivElement | null> } {
  const [count, setCount] = useState(STEP)
  const end = useRef<HTMLDivElement>(null)
  // a new observer calls back immediately, so one per step shows whether the end of the list is still near
  useEffect(() => {
    if (!end.current || count >= total) return
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) setCount((shown) => shown + STEP)
      },
      { root: end.current.closest('main'), rootMargin: `${AHEAD_PX}px 0px` },
    )
    observer.observe(end.current)
    return () => observer.disconnect()
  }, [count, total])
  return { count: Math.min(count, total), end }
}
