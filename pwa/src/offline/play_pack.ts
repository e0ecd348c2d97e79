/** The Play pack as the page sees it: whether it is on the phone, and how to bring it there. The service worker fetches it. */
import { createStore } from 'zustand/vanilla'
import type { PlayPackMessage, ToServiceWorker } from './messages'

export interface PlayPackState {
  state: 'absent' | 'filling' | 'ready' | 'failed'
  /** share of the pack that is on the phone, 0 to 1 */
  progress: number
  /** why it failed: the phone has no space, or a file could not be fetched whole */
  reason: 'full' | 'interrupted' | undefined
  /** size of the whole pack on the phone, in bytes; 0 while unknown */
  bytes: number
  /**
   * Whether it stays for use without a network. False without a service worker (over plain http, and in development): Play is
   * `ready` there too, as long as the server answers.
   */
  isKept: boolean
}

const initial: PlayPackState = { state: 'absent', progress: 0, reason: undefined, bytes: 0, isKept: true }

export const playPackStore = createStore<PlayPackState>(() => initial)

const INSTALL_MS = 20_000
/** after this time without a report the browser may have ended the service worker, which is then asked again */
const SILENCE_MS = 30_000
const MAX_SILENCES = 3
let silence: ReturnType<typeof setTimeout> | undefined
let silences = 0

/**
 * Bring the Play pack to the phone, or continue what was interrupted; resolves once `playPackStore` says `ready` or `failed`.
 * Never rejects.
 */
export async function fillPlayPack(): Promise<void> {
  if (playPackStore.getState().state === 'ready') return
  playPackStore.setState({ state: 'filling', reason: undefined })
  const ended = untilEnded()
  silences = 0
  waitForReport()
  await ask({ type: 'fill-play-pack' })
  await ended
}

/** Remove the Play pack from the phone; it is fetched again when Play is opened the next time. */
export const removePlayPack = (): Promise<void> => ask({ type: 'remove-play-pack' })

/** Read how much of the pack is on the phone, now and whenever another service worker takes over; returns how to stop. */
export function watchPlayPack(): () => void {
  const { serviceWorker } = navigator
  if (!serviceWorker) return () => {}
  const listen = (event: MessageEvent) => onPlayPackMessage(event.data as PlayPackMessage)
  const look = () => void ask({ type: 'check-play-pack' })
  const goOn = () => {
    const { state, reason } = playPackStore.getState()
    if (state === 'failed' && reason === 'interrupted') void fillPlayPack()
  }
  serviceWorker.addEventListener('message', listen)
  serviceWorker.addEventListener('controllerchange', look)
  addEventListener('online', goOn)
  look()
  return () => {
    serviceWorker.removeEventListener('message', listen)
    serviceWorker.removeEventListener('controllerchange', look)
    removeEventListener('online', goOn)
    clearTimeout(silence)
  }
}

/** Take a report of the service worker. */
export function onPlayPackMessage(message: PlayPackMessage): void {
  if (message.type !== 'play-pack') return
  const { state, progress, reason, bytes } = message
  playPackStore.setState({ state, progress, reason, bytes, isKept: true })
  silences = 0
  clearTimeout(silence)
  if (state === 'filling') waitForReport()
}

function waitForReport(): void {
  clearTimeout(silence)
  silence = setTimeout(() => {
    if (playPackStore.getState().state !== 'filling') return
    silences += 1
    if (silences >= MAX_SILENCES) return playPackStore.setState({ state: 'failed', reason: 'interrupted' })
    void ask({ type: 'fill-play-pack' })
    waitForReport()
  }, SILENCE_MS)
}

function untilEnded(): Promise<void> {
  return new Promise((resolve) => {
    const stop = playPackStore.subscribe(({ state }) => {
      if (state === 'filling') return
      stop()
      resolve()
    })
  })
}

/** Send a message to the service worker. Where there is none the files come from the server whenever they are needed. */
async function ask(message: ToServiceWorker): Promise<void> {
  const worker = await activeWorker()
  if (worker) worker.postMessage(message)
  else playPackStore.setState({ state: 'ready', progress: 1, reason: undefined, isKept: false })
}

/** The service worker, also one that is being installed on a first visit; undefined where there is none. */
async function activeWorker(): Promise<ServiceWorker | undefined> {
  const { serviceWorker } = navigator
  const registration = await serviceWorker?.getRegistration().catch(() => undefined)
  if (!registration) return undefined
  if (registration.active) return registration.active
  const tooLate = new Promise<undefined>((resolve) => setTimeout(resolve, INSTALL_MS))
  return (await Promise.race([serviceWorker.ready, tooLate]))?.active ?? undefined
}
