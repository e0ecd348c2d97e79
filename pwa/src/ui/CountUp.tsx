/** A number that counts up or down to its new value. */

import { useLayoutEffect, useRef } from 'react'

const COUNT_MS = 600

/** Whether the user allows motion. */
const moves = (): boolean => globalThis.matchMedia?.('(prefers-reduced-motion: no-preference)').matches ?? false

interface Props {
  value: number
  /** formats a number; must be the same function at every render */
  write: (value: number) => string
}

export function CountUp({ value, write }: Props) {
  const element = useRef<HTMLElement>(null)
  const shown = useRef(value)
  useLayoutEffect(() => {
    const { current: text } = element
    const from = shown.current
    if (!text || from === value || !moves()) {
      shown.current = value
      return
    }
    const began = performance.now()
    const step = () => {
      const share = Math.min(1, (performance.now() - began) / COUNT_MS)
      shown.current = Math.round(value + (from - value) * (1 - share) ** 3)
      text.textContent = write(shown.current)
      if (share < 1) frame = requestAnimationFrame(step)
    }
    let frame = requestAnimationFrame(step)
    text.textContent = write(from)
    return () => cancelAnimationFrame(frame)
  }, [value, write])
  return <b ref={element}>{write(value)}</b>
}
