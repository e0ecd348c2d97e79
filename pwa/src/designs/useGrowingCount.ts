/** Shows a long list piece by piece, so that no frame has to build all of it. */

import { useEffect, useState } from 'react'

// a screen and a half of cards; building one takes some milliseconds on a phone
const STEP = 10

/** How many of `total` items to show now: some at once, some more with every frame. */
export function useGrowingCount(total: number): number {
  const [count, setCount] = useState(STEP)
  useEffect(() => {
    if (count >= total) return
    const frame = requestAnimationFrame(() => setCount(count + STEP))
    return () => cancelAnimationFrame(frame)
  }, [count, total])
  return Math.min(count, total)
}
