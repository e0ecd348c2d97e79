/** Runs something again after it was asked for, but never twice at once. */

/**
 * A function that starts `work`, or, while it runs, has it run once more afterwards, however often it is called until then.
 * Resolves when the run that began after the call is over; an error of a run rejects the calls that wait for it.
 */
export function coalesced(work: () => Promise<void>): () => Promise<void> {
  let current: Promise<void> | undefined
  let next: Promise<void> | undefined
  const start = (): Promise<void> => {
    next = undefined
    const run = work().finally(() => {
      if (current === run) current = undefined
    })
    current = run
    return run
  }
  return () => {
    if (!current) return start()
    next ??= current.then(start, start)
    return next
  }
}
