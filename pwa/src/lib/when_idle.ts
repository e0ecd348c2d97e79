/** Work that can wait. */

/** where the browser does not say when it is idle */
const LATER_MS = 500

/** Do something once the page has nothing else to do; returns a function that calls it off. */
export function whenIdle(work: () => void): () => void {
  if (typeof requestIdleCallback === 'function') {
    const idle = requestIdleCallback(() => work())
    return () => cancelIdleCallback(idle)
  }
  const timer = setTimeout(work, LATER_MS)
  return () => clearTimeout(timer)
}
