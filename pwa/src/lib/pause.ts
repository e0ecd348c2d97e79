/** Lets the page draw and react in the middle of long work. */

/** Resolves in a task of its own, after what waits already, such as input and messages. */
export function pause(): Promise<void> {
  const { scheduler } = globalThis as { scheduler?: { yield?: () => Promise<void> } }
  // in a worker, what follows `yield` comes before messages that wait already
  if (scheduler?.yield && 'document' in globalThis) return scheduler.yield()
  return new Promise((resolve) => {
    // timers would wait for 4 ms after some rounds
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(null)
  })
}
