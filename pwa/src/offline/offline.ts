/** What lets the app work offline: the service worker, its updates, the Python pack in a cache, lasting storage. */
import { createStore } from 'zustand/vanilla'
import { pythonState, retryPython } from '../python/client'
import { pack } from '../python/pack'
import { onChange } from '../storage/changes'
import { type PackMessage, PERIODIC_SYNC, type ToServiceWorker } from './messages'
import { watchPlayPack } from './play_pack'

interface OfflineState {
  pack: 'absent' | 'filling' | 'ready' | 'failed'
  /** share of the pack that is on the phone, 0 to 1 */
  progress: number
  /** whether the pack failed since the phone has no space */
  packFull: boolean
  updateWaiting: boolean
  /** whether another build has taken over, so that this page runs an older one */
  replaced: boolean
  /** whether the browser promised to keep the data; undefined while unknown */
  persisted: boolean | undefined
}

export const offlineState = createStore<OfflineState>(() => ({
  pack: 'absent',
  progress: 0,
  packFull: false,
  updateWaiting: false,
  replaced: false,
  persisted: undefined,
}))

const HOUR_MS = 3_600_000
const PERIODIC_SYNC_MS = 12 * HOUR_MS
const PYTHON_FIRST_MS = 20_000
const FILL_AGAIN_MS = 30_000
let registration: ServiceWorkerRegistration | undefined

const send = (worker: ServiceWorker | null | undefined, message: ToServiceWorker): void => worker?.postMessage(message)

/** Let the waiting update take over; `replaced` then becomes true in every tab that runs an older build. */
export function applyUpdate(): void {
  if (registration?.waiting) send(registration.waiting, { type: 'skip-waiting' })
  // another tab has let it take over already
  else offlineState.setState({ replaced: true })
}

/** Continue at once what was interrupted: the pack for use without a network, and the start of Python. */
export function downloadAgain(): void {
  retryPython()
  if (offlineState.getState().pack !== 'failed') return
  offlineState.setState({ pack: 'filling' })
  if (registration?.active) send(registration.active, { type: 'fill-pack' })
  else void registerOrFail()
}

/** Ask the server for a newer build of the app; where there is one, `updateWaiting` becomes true once it is on the phone. */
export async function checkForUpdate(): Promise<void> {
  await registration?.update().catch(() => {
    // no network: it is asked again every hour, and when the app is shown again
  })
}

/** Register the service worker and keep the pack on the phone; in development there is no service worker. */
export function startOffline(): void {
  watchPersistence().catch(() => {
    // a browser that blocks storage does not promise to keep it either
  })
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return
  noticeNewController()
  navigator.serviceWorker.addEventListener('message', (event) => onPackMessage(event.data as PackMessage))
  void registerOrFail()
}

async function registerOrFail(): Promise<void> {
  try {
    await register()
  } catch (error) {
    offlineState.setState({ pack: 'failed' })
    console.warn('offline use is not possible:', error)
  }
}

async function register(): Promise<void> {
  registration = await navigator.serviceWorker.register('/sw.js', { updateViaCache: 'none' })
  watchUpdates(registration)
  void registerPeriodicSync(registration)
  await navigator.serviceWorker.ready
  watchPlayPack()
  await pythonSettled()
  send(registration.active, { type: 'fill-pack' })
}

interface PeriodicSync {
  register(tag: string, options: { minInterval: number }): Promise<void>
}

/** Ask to be woken from time to time also while the app is closed. Browsers grant it to installed apps that are used often. */
export async function registerPeriodicSync(registered: ServiceWorkerRegistration): Promise<void> {
  const { periodicSync } = registered as ServiceWorkerRegistration & { periodicSync?: PeriodicSync }
  if (!periodicSync) return
  try {
    const { state } = await navigator.permissions.query({ name: 'periodic-background-sync' as PermissionName })
    if (state === 'granted') await periodicSync.register(PERIODIC_SYNC, { minInterval: PERIODIC_SYNC_MS })
  } catch {
    // not known in this browser, or not granted after all: the app syncs when it is opened
  }
}

/** Wait until Python has loaded: it needs the same files now, and leaves them in the browser's HTTP cache for the pack. */
function pythonSettled(): Promise<void> {
  return new Promise((resolve) => {
    if (pythonState.getState().status !== 'loading') return resolve()
    const stop = pythonState.subscribe(({ status }) => status !== 'loading' && done())
    const timer = setTimeout(done, PYTHON_FIRST_MS)
    function done(): void {
      stop()
      clearTimeout(timer)
      resolve()
    }
  })
}

/** Let a new build fetch its own pack before it is offered, so that it also works without a network. */
function watchUpdates(watched: ServiceWorkerRegistration): void {
  const fillIfWaiting = (): void => {
    if (watched.waiting && navigator.serviceWorker.controller) send(watched.waiting, { type: 'fill-pack' })
  }
  watched.addEventListener('updatefound', () => {
    const installing = watched.installing
    installing?.addEventListener('statechange', () => installing.state === 'installed' && fillIfWaiting())
  })
  fillIfWaiting()
  setInterval(() => void checkForUpdate(), HOUR_MS)
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState !== 'visible') return
    void checkForUpdate()
    fillIfWaiting()
  })
}

function onPackMessage(message: PackMessage): void {
  if (message.type !== 'pack') return
  const mine = message.packages === pack?.packages
  if (mine) offlineState.setState({ pack: message.state, progress: message.progress, packFull: message.reason === 'full' })
  if (mine && message.state === 'failed') fillAgainLater()
  if (registration?.waiting && navigator.serviceWorker.controller && message.state === 'ready') {
    offlineState.setState({ updateWaiting: true })
  }
}

/** Try once more after a file could not be fetched: when there is a network again, or after a while. */
function fillAgainLater(): void {
  const timer = setTimeout(fill, FILL_AGAIN_MS)
  addEventListener('online', fill, { once: true })
  function fill(): void {
    clearTimeout(timer)
    removeEventListener('online', fill)
    send(registration?.active, { type: 'fill-pack' })
  }
}

/** Notice when another build takes over; not when the very first service worker claims the page. */
function noticeNewController(): void {
  let controlled = navigator.serviceWorker.controller !== null
  navigator.serviceWorker.addEventListener('controllerchange', () => {
    if (controlled) offlineState.setState({ replaced: true })
    controlled = true
  })
}

/** Ask the browser to keep the data, after the first edit: some browsers ask the person, who would not know why before. */
async function watchPersistence(): Promise<void> {
  if (!navigator.storage?.persisted) return
  const persisted = await navigator.storage.persisted()
  offlineState.setState({ persisted })
  if (persisted) return
  const stop = onChange((change) => {
    if (!change.local) return
    stop()
    void askToKeep()
  })
}

/** Ask the browser to keep the data even where space runs short; resolves with whether it promised to. */
export async function askToKeep(): Promise<boolean> {
  const persisted = await navigator.storage.persist().catch(() => false)
  offlineState.setState({ persisted })
  return persisted
}
