/** Schedules work for idle time. */

/** delay in browsers without `requestIdleCallback` */
const LATER_MS = 500

/** Call `work` when the page is idle; returns a function that cancels it. */
export function whenIdle(work: () => void): () => void {
  if (typeof requestIdleCallback === 'function') {
    const idle = requestIdleCallback(() => work())
    return () => cancelIdleCallback(idle)
  }
  const timer = setTimeout(work, LATER_MS)
  return () => clearTimeout(timer)
}
