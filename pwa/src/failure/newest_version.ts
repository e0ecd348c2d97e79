/** Activates the newest version of the app, where the installed one cannot start and so cannot offer the update. */

import type { ToServiceWorker } from '../offline/messages'

const MAX_WAIT_MS = 10_000

/** Let a newer service worker take over, where the server has one; resolves when it did, or when there is none. */
export async function newestVersion(): Promise<void> {
  try {
    const registration = await navigator.serviceWorker?.getRegistration()
    await registration?.update()
    const installing = registration?.installing
    if (installing) await nextEvent(installing, 'statechange')
    if (!registration?.waiting) return
    const activated = nextEvent(navigator.serviceWorker, 'controllerchange')
    registration.waiting.postMessage({ type: 'skip-waiting' } satisfies ToServiceWorker)
    await activated
  } catch {
    // no network or no service worker: the page reloads with the version it has
  }
}

const nextEvent = (target: EventTarget, event: string): Promise<unknown> =>
  Promise.race([
    new Promise((resolve) => target.addEventListener(event, resolve, { once: true })),
    new Promise((resolve) => setTimeout(resolve, MAX_WAIT_MS)),
  ])
