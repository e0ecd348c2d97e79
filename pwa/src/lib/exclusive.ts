/** Runs one piece of work at a time, over all tabs and the service worker. */

/** A function that runs work under the lock of this name: each piece begins when the one before has ended, also by an error. */
export function exclusive(lock: string): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return <T>(work: () => Promise<T>): Promise<T> => {
    // browsers have no locks over plain http, where this page still queues its own work
    const locked = (): Promise<T> =>
      typeof navigator !== 'undefined' && navigator.locks ? navigator.locks.request(lock, work) : work()
    const mine = last.then(locked, locked)
    last = mine.catch(() => {})
    return mine
  }
}
