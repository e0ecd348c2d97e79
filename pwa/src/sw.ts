/**
 * The service worker: the shell from its precache, Python and Play from caches of their own, `sync` events, notifications; the API
 * is never answered from a cache.
 */
import { clientsClaim } from 'workbox-core'
import { cleanupOutdatedCaches, createHandlerBoundToURL, type PrecacheEntry, precacheAndRoute } from 'workbox-precaching'
import { NavigationRoute, registerRoute } from 'workbox-routing'
import { onPush, onTap } from './notifications/push_events'
import { subscribe } from './notifications/subscription'
import { type PackMessage, PERIODIC_SYNC, type PlayPackMessage, type ToServiceWorker } from './offline/messages'
import { PACK_CACHE, PLAY_CACHE, packBytes } from './offline/pack_cache'
import { PackFiller } from './offline/pack_filler'
import { playFilesOf, runtime } from './offline/play_files'
import { type Pack, pack } from './python/pack'
import { syncIfWaiting, syncNow } from './sync/sync_session'
import { sendTelemetry, TELEMETRY_SYNC } from './telemetry/sending'

declare const self: ServiceWorkerGlobalScope & { __WB_MANIFEST: (PrecacheEntry | string)[] }

/** `play`: size in bytes, of the files that only Play needs */
type ManifestEntry = PrecacheEntry & { play?: number }

interface SyncEvent extends ExtendableEvent {
  readonly tag: string
}

const NOT_THE_APP = /^\/(api|ws|schema|rt|ort)(\/|$)/
const manifest = self.__WB_MANIFEST as ManifestEntry[]

clientsClaim()
cleanupOutdatedCaches()
precacheAndRoute(manifest.filter((entry) => entry.play === undefined))
registerRoute(new NavigationRoute(createHandlerBoundToURL('/index.html'), { denylist: [NOT_THE_APP] }))
routeFromCache('/rt/', PACK_CACHE)
routeFromCache('/ort/', PLAY_CACHE)
// of the files below /assets/ the precache answers its own before this is asked
routeFromCache('/assets/', PLAY_CACHE)

function routeFromCache(folder: string, cacheName: string): void {
  registerRoute(
    ({ url, sameOrigin }) => sameOrigin && url.pathname.startsWith(folder),
    async ({ request }) => (await caches.match(request, { cacheName })) ?? fetch(request),
  )
}

async function tellPages(message: PackMessage | PlayPackMessage): Promise<void> {
  for (const page of await self.clients.matchAll({ type: 'window', includeUncontrolled: true })) page.postMessage(message)
}

/** Old packs go once the new one is whole, unless an older build is still the active one. */
const isAlone = (): boolean => !self.registration.waiting && !self.registration.installing

function fillerOf({ files, packages }: Pack): PackFiller {
  return new PackFiller({
    ...{ files, cache: PACK_CACHE, isAlone },
    report: (progress) => tellPages({ type: 'pack', packages, ...progress }),
  })
}

const python = pack && fillerOf(pack)

const playPack = { files: [...(runtime?.files ?? []), ...playFilesOf(manifest)] }
const tellOfPlay = (message: Pick<PlayPackMessage, 'state' | 'progress' | 'detail' | 'reason'>): Promise<void> =>
  tellPages({ type: 'play-pack', bytes: packBytes(playPack), ...message })
const play = new PackFiller({ files: playPack.files, cache: PLAY_CACHE, report: tellOfPlay, isAlone })

/** Tell the pages how much of the Play pack is here; one that was begun and is not whole continues. */
async function checkPlayPack(): Promise<void> {
  const { missing, any } = await play.look()
  if (play.isFilling || (missing > 0 && any)) return void (await play.fill())
  await tellOfPlay(missing > 0 ? { state: 'absent', progress: 0 } : { state: 'ready', progress: 1 })
  if (missing === 0) await play.dropOthers()
}

/** An update brings its own files of Play to a phone that has a Play pack, so that Play works offline right after the update. */
async function updatePlayPack(): Promise<void> {
  if (!(await play.look()).any) return
  const { state, reason, detail } = await play.fill()
  // a full phone still gets the update; the page then says that Play is not complete
  if (state === 'failed' && reason !== 'full') throw new Error(detail)
}

async function removePlayPack(): Promise<void> {
  await play.remove()
  await tellOfPlay({ state: 'absent', progress: 0 })
}

self.addEventListener('install', (event) => event.waitUntil(updatePlayPack()))

self.addEventListener('message', (event) => {
  const said = event.data as ToServiceWorker
  if (said.type === 'skip-waiting') event.waitUntil(self.skipWaiting())
  if (said.type === 'fill-pack' && python) event.waitUntil(python.fill())
  if (said.type === 'fill-play-pack') event.waitUntil(play.fill())
  if (said.type === 'check-play-pack') event.waitUntil(checkPlayPack())
  if (said.type === 'renew-play-pack') event.waitUntil(play.renew())
  if (said.type === 'remove-play-pack') event.waitUntil(removePlayPack())
})

self.addEventListener('sync', ((event: SyncEvent) => {
  if (event.tag === 'designs') event.waitUntil(syncIfWaiting())
  if (event.tag === TELEMETRY_SYNC) event.waitUntil(sendTelemetry())
}) as EventListener)

// a phone that is not opened for a day still has what other devices changed; the browser decides when and whether
self.addEventListener('periodicsync', ((event: SyncEvent) => {
  // without the server there is nothing to do until the next time
  if (event.tag === PERIODIC_SYNC) event.waitUntil(syncNow().catch(() => {}))
}) as EventListener)

self.addEventListener('push', (event) => event.waitUntil(onPush(self.registration, event.data)))

self.addEventListener('notificationclick', (event) => {
  event.notification.close()
  event.waitUntil(onTap(self.clients, event.notification.data))
})

// the browser has ended or replaced the subscription; without a network the page gives the server the new one at its next start
self.addEventListener('pushsubscriptionchange', ((event: ExtendableEvent) => {
  event.waitUntil(subscribe(self.registration).catch(() => {}))
}) as EventListener)
