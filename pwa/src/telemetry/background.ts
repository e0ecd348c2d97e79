/** When the page sends telemetry: soon after an event, and as soon as the server can be reached again. */
import { ApiProblem } from '../api/api'
import { Backoff } from '../lib/backoff'
import { liveState } from '../live/live'
import { onChange } from '../storage/changes'
import { readQueue } from '../storage/telemetry'
import { sendTelemetry, TELEMETRY_SYNC } from './sending'

/** events that follow each other closely are sent in one call */
const COLLECT_MS = 1_000

const backoff = new Backoff({ firstMs: 5_000, maxMs: 300_000 })
let timer: ReturnType<typeof setTimeout> | undefined
let due = Number.POSITIVE_INFINITY

function schedule(delayMs: number): void {
  const at = Date.now() + delayMs
  if (timer !== undefined && at >= due) return
  clearTimeout(timer)
  due = at
  timer = setTimeout(() => void send(), delayMs)
}

async function send(): Promise<void> {
  timer = undefined
  due = Number.POSITIVE_INFINITY
  try {
    await sendTelemetry()
    backoff.reset()
  } catch (error) {
    const isTransient = error instanceof ApiProblem && error.transient
    // otherwise, for example while this phone is not paired, it is tried again with the next connection
    if (isTransient) schedule(Math.max(backoff.nextMs(), error.retryAfterMs))
  }
}

/** Send at once, because the person asks or the server is reached again. */
export function sendNow(): void {
  backoff.reset()
  schedule(0)
}

/** Send from now on; returns how to stop. */
export function startSending(): () => void {
  const stops = [
    onChange(({ store }) => {
      if (store === 'telemetry') void scheduleIfAny()
    }),
    liveState.subscribe(({ connected }, before) => {
      if (connected && !before.connected) sendNow()
    }),
  ]
  const onHidden = () => {
    if (document.visibilityState === 'hidden') void requestWakeUp()
  }
  addEventListener('online', sendNow)
  document.addEventListener('visibilitychange', onHidden)
  sendNow()
  return () => {
    for (const stop of stops) stop()
    removeEventListener('online', sendNow)
    document.removeEventListener('visibilitychange', onHidden)
    clearTimeout(timer)
    timer = undefined
    due = Number.POSITIVE_INFINITY
  }
}

async function scheduleIfAny(): Promise<void> {
  // a failed call has set a later time, which a new event does not bring forward
  if (timer === undefined && (await anyWaiting())) schedule(COLLECT_MS)
}

async function anyWaiting(): Promise<boolean> {
  const queue = await readQueue(1).catch(() => undefined)
  return queue !== undefined && (queue.deletes || queue.events.length > 0)
}

/** Have the browser wake the service worker once there is a network: a hidden page may be ended at any moment. */
async function requestWakeUp(): Promise<void> {
  try {
    const registration = await navigator.serviceWorker?.getRegistration()
    const sync = (registration as { sync?: { register(tag: string): Promise<void> } } | undefined)?.sync
    if (sync && registration?.active && (await anyWaiting())) await sync.register(TELEMETRY_SYNC)
  } catch {
    // not every browser has background sync: without it the page sends whenever it is open
  }
}
