/** Takes the newest version of the app, where the one on this phone cannot start and so cannot offer it. */

import type { ToServiceWorker } from '../offline/messages'

const MAX_WAIT_MS = 10_000

/** Let a newer service worker take over, where the server has one; resolves when it did, or when there is none. */
export async function newestVersion(): Promise<void> {
  try {
    const registration = await navigator.serviceWorker?.getRegistration()
    await registration?.update()
    const found = registration?.installing
    if (found) await changed(found, 'statechange')
    if (!registration?.waiting) return
    const taken = changed(navigator.serviceWorker, 'controllerchange')
    registration.waiting.postMessage({ type: 'skip-waiting' } satisfies ToServiceWorker)
    await taken
  } catch {
    // no network or no service worker: the page is loaded again as it is
  }
}

const changed = (target: EventTarget, event: string): Promise<unknown> =>
  Promise.race([
    new Promise((resolve) => target.addEventListener(event, resolve, { once: true })),
    new Promise((resolve) => setTimeout(resolve, MAX_WAIT_MS)),
  ])
