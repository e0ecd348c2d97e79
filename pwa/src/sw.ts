/** The service worker: the shell from its precache, the Python pack from its own cache, `sync` events; never the API. */
import { clientsClaim } from 'workbox-core'
import { cleanupOutdatedCaches, createHandlerBoundToURL, type PrecacheEntry, precacheAndRoute } from 'workbox-precaching'
import { NavigationRoute, registerRoute } from 'workbox-routing'
import { type PackMessage, PERIODIC_SYNC, type ToServiceWorker } from './offline/messages'
import { dropOtherPacks, fillPack, missingFiles, PACK_CACHE } from './offline/pack_cache'
import { pack } from './python/pack'
import { syncIfWaiting, syncNow } from './sync/sync_session'

declare const self: ServiceWorkerGlobalScope & { __WB_MANIFEST: (PrecacheEntry | string)[] }

interface SyncEvent extends ExtendableEvent {
  readonly tag: string
}

const NOT_THE_APP = /^\/(api|ws|schema|rt)(\/|$)/

clientsClaim()
cleanupOutdatedCaches()
precacheAndRoute(self.__WB_MANIFEST)
registerRoute(new NavigationRoute(createHandlerBoundToURL('/index.html'), { denylist: [NOT_THE_APP] }))
registerRoute(
  ({ url, sameOrigin }) => sameOrigin && url.pathname.startsWith('/rt/'),
  async ({ request }) => (await caches.match(request, { cacheName: PACK_CACHE })) ?? fetch(request),
)

let filling: Promise<void> | undefined

async function tellPages(message: PackMessage): Promise<void> {
  for (const page of await self.clients.matchAll({ type: 'window', includeUncontrolled: true })) page.postMessage(message)
}

/** Fill the pack of this build and tell every page how far it is; a second call joins the first. */
async function fill(): Promise<void> {
  if (!pack) return
  const { packages } = pack
  let shown = -1
  const progress = (done: number, total: number): void => {
    const percent = Math.floor((100 * done) / total)
    if (percent === shown) return
    shown = percent
    void tellPages({ type: 'pack', packages, state: 'filling', progress: done / total })
  }
  try {
    const cache = await caches.open(PACK_CACHE)
    await fillPack(pack, cache, progress)
    await dropIfAlone()
    await tellPages({ type: 'pack', packages, state: 'ready', progress: 1 })
  } catch (error) {
    await tellPages({
      type: 'pack',
      packages,
      state: 'failed',
      progress: Math.max(shown, 0) / 100,
      detail: String(error),
      reason: reasonOf(error),
    })
  }
}

const reasonOf = (error: unknown): PackMessage['reason'] =>
  error instanceof DOMException && error.name === 'QuotaExceededError' ? 'full' : 'interrupted'

/** Old packs go once this one is whole, unless an older build is still the active one. */
async function dropIfAlone(): Promise<void> {
  if (!pack || self.registration.waiting || self.registration.installing) return
  const cache = await caches.open(PACK_CACHE)
  if ((await missingFiles(pack, cache)).length === 0) await dropOtherPacks(pack, cache)
}

self.addEventListener('message', (event) => {
  const said = event.data as ToServiceWorker
  if (said.type === 'skip-waiting') event.waitUntil(self.skipWaiting())
  if (said.type === 'fill-pack') {
    filling ??= fill().finally(() => {
      filling = undefined
    })
    event.waitUntil(filling)
  }
})

self.addEventListener('sync', ((event: SyncEvent) => {
  if (event.tag === 'designs') event.waitUntil(syncIfWaiting())
}) as EventListener)

// a phone that is not opened for a day still has what other devices changed; the browser decides when and whether
self.addEventListener('periodicsync', ((event: SyncEvent) => {
  // without the server there is nothing to do until the next time
  if (event.tag === PERIODIC_SYNC) event.waitUntil(syncNow().catch(() => {}))
}) as EventListener)
