/** When the phone syncs; one sync itself is `sync_session.ts`, the state of it for the screen `sync_state.ts`. */
import { ApiProblem } from '../api/problem'
import type { CommandFinished, DesignChanged } from '../generated/wire'
import { Backoff } from '../lib/backoff'
import { sentenceForSync } from '../lib/error_sentence'
import { onChange } from '../storage/changes'
import { isOpen } from '../storage/commands'
import { storageState, withDatabase } from '../storage/database'
import { askHealth } from './protocol'
import { clearWait, requestedWait, storeWait } from './retry_time'
import { countWaiting, forgetRefusals, syncNow } from './sync_session'
import { type Activity, syncState, updateState } from './sync_state'
import { Watchdog } from './watchdog'

export { type SyncState, syncState, type WaitingItem } from './sync_state'

const AFTER_EDIT_MS = 250
/** how long edits without a pause, such as a drag, may delay a sync */
const MAX_EDIT_DELAY_MS = 2_000
/** how often the server is asked for the result of a command while it cannot send a message that it has ended */
const RUNNING_MS = 1_000
const IDLE_MS = 30_000

let timer: ReturnType<typeof setTimeout> | undefined
let due = Number.POSITIVE_INFINITY
let editingSince: number | undefined
const backoff = new Backoff({ firstMs: 1_000, maxMs: 30_000 })
const activity: Activity = { running: false }
let requestedMeanwhile = false
/** how many calls of any tab were answered: a sync that gets answers makes progress */
let answered = 0
let started = false
let commandRuns = false
let isLive = false

/** Sync soon: after an edit once typing or dragging pauses, otherwise at once. */
export function syncSoon(reason: string): void {
  // retry at once when the network is back or the page becomes visible; edits do not reset the backoff
  if (reason !== 'edit') backoff.reset()
  schedule(reason === 'edit' ? AFTER_EDIT_MS : 0)
}

/** Sync at once because the person asks: also what the server has refused, and although it asked to wait. */
export async function tryNow(): Promise<void> {
  await Promise.all([forgetRefusals(), clearWait()]).catch(() => {
    // the database cannot be written: `storageState` says why
  })
  syncSoon('asked')
}

/** Start syncing automatically: at once, on `online`, when the page becomes visible, on a timer and after every edit. */
export function startSync(): void {
  if (started) return
  started = true
  onChange((change) => {
    if (change.local) syncSoon('edit')
    if (change.store === 'sync') answered += 1
    void update()
  })
  storageState.subscribe(() => void update())
  addEventListener('online', () => syncSoon('online'))
  addEventListener('pageshow', () => syncSoon('shown'))
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') syncSoon('visible')
    else void requestWakeUp() // a hidden page may be ended at any moment
  })
  void forgetRefusals()
    .catch(() => {})
    .then(update)
    .then(() => syncSoon('start'))
}

/** Fetch a design that the server says has changed, unless this phone has that version already, because it sent it. */
export async function onDesignChanged({ design_id, etag }: DesignChanged): Promise<void> {
  const row = await withDatabase((db) => db.get('designs', design_id))
  if (etag === null ? row : row?.baseEtag !== etag) syncSoon('changed on the server')
}

/** Fetch the result of a command that the server says has ended, if this phone waits for it. */
export async function onCommandFinished({ command_id }: CommandFinished): Promise<void> {
  const command = await withDatabase((db) => db.get('commands', command_id))
  if (command && isOpen(command)) syncSoon('command finished')
}

/**
 * Whether live messages arrive. While they do, the end of a command is a message; otherwise the server is asked every second.
 * A change while a command runs leads to a sync at once, since a message may have been missed.
 */
export function setLive(connected: boolean): void {
  if (connected === isLive) return
  isLive = connected
  if (started && commandRuns) syncSoon('live messages')
}

function schedule(wantedMs: number): void {
  if (activity.running) {
    requestedMeanwhile = true
    return
  }
  const now = Date.now()
  const isEdit = wantedMs === AFTER_EDIT_MS
  if (isEdit) editingSince ??= now
  // each edit restarts the pause, so that a drag is sent once; every other reason may only bring the next sync forward
  const mayDelay = isEdit && now - (editingSince ?? now) < MAX_EDIT_DELAY_MS
  if (timer !== undefined && now + wantedMs >= due && !mayDelay) return
  clearTimeout(timer)
  due = now + wantedMs
  timer = setTimeout(() => void run(), wantedMs)
}

async function run(): Promise<void> {
  timer = undefined
  due = Number.POSITIVE_INFINITY
  editingSince = undefined
  activity.running = true
  requestedMeanwhile = false
  let nextMs = IDLE_MS
  try {
    const wait = await requestedWait()
    if (wait) throw wait
    await update()
    await requestWakeUp()
    const result = await syncNow()
    activity.unreadable = result.unreadable
    activity.failure = undefined
    backoff.reset()
    await clearWait()
    commandRuns = result.running
    // a person waits for the command; without the socket its result comes only with the response to another call
    if (commandRuns && !isLive) nextMs = RUNNING_MS
  } catch (error) {
    activity.failure = { kind: error instanceof ApiProblem ? error.kind : 'other', sentence: sentenceForSync(error) }
    const stored = await storeWait(error).catch(() => 0)
    nextMs = stored || backoff.nextMs()
    await requestWakeUp()
  }
  activity.running = false
  await update()
  schedule(requestedMeanwhile ? AFTER_EDIT_MS : nextMs)
}

const watchdog = new Watchdog(
  () =>
    askHealth().then(
      () => true,
      () => false,
    ),
  (stuck) => syncState.setState({ stuck }),
)

async function update(): Promise<void> {
  const keys = await updateState(activity)
  const isUnfinished = activity.running || activity.failure !== undefined
  // a phone that is not paired is not reported as stuck
  if (activity.failure?.kind === 'unpaired') return watchdog.observe([])
  watchdog.observe(isUnfinished ? [...keys, `sync ${answered}`] : keys)
}

/** Register a `sync` event: the browser wakes the service worker for it once there is a network, also when this page is closed. */
async function requestWakeUp(): Promise<void> {
  if (!('serviceWorker' in navigator)) return
  try {
    const registration = await navigator.serviceWorker.getRegistration()
    const sync = (registration as { sync?: { register(tag: string): Promise<void> } } | undefined)?.sync
    if (sync && registration?.active && (await countWaiting()) > 0) await sync.register('designs')
  } catch {
    // not every browser has background sync: without it the page syncs whenever it is open
  }
}
