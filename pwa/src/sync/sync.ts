/** When the phone syncs, and the state of it for the screen; one sync itself is `sync_session.ts`. */
import { createStore } from 'zustand/vanilla'
import { ApiProblem } from '../api/problem'
import type { CommandFinished, DesignChanged } from '../generated/wire'
import { Backoff } from '../lib/backoff'
import { sentenceFor } from '../lib/error_sentence'
import { onChange } from '../storage/changes'
import { isOpen } from '../storage/commands'
import { storageState, withDatabase } from '../storage/database'
import { countWaiting, forgetRefusals, syncNow } from './sync_session'

export interface SyncState {
  status: 'saved-on-phone' | 'saved-on-server' | 'waiting' | 'syncing' | 'attention'
  /** how many designs the server does not have yet; commands are not counted, the screens they belong to show them */
  waiting: number
  lastSyncedAt?: string
  /** why designs wait or were refused */
  detail?: string
  /** whether the last sync failed */
  failing: boolean
}

export const syncState = createStore<SyncState>(() => ({ status: 'saved-on-phone', waiting: 0, failing: false }))

const AFTER_EDIT_MS = 400
/** how long edits without a pause, such as a drag, may delay a sync */
const MAX_EDIT_DELAY_MS = 2_000
/** how often the server is asked for the result of a command while it cannot send a message that it has ended */
const RUNNING_MS = 1_000
const IDLE_MS = 30_000

let timer: ReturnType<typeof setTimeout> | undefined
let due = Number.POSITIVE_INFINITY
let editingSince: number | undefined
const backoff = new Backoff({ firstMs: 1_000, maxMs: 30_000 })
let inFlight = false
let requestedMeanwhile = false
/** why the last sync failed */
let failure: string | undefined
let unreadable: string | undefined
let started = false
let commandRuns = false
let isLive = false

/** Sync soon: after an edit once typing or dragging pauses, otherwise at once. */
export function syncSoon(reason: string): void {
  // retry at once when the network is back or the page becomes visible; edits do not reset the backoff
  if (reason !== 'edit') backoff.reset()
  schedule(reason === 'edit' ? AFTER_EDIT_MS : 0)
}

/** Start syncing automatically: at once, on `online`, when the page becomes visible, on a timer and after every edit. */
export function startSync(): void {
  if (started) return
  started = true
  onChange((change) => {
    if (change.local) syncSoon('edit')
    void updateState()
  })
  storageState.subscribe(() => void updateState())
  addEventListener('online', () => syncSoon('online'))
  addEventListener('pageshow', () => syncSoon('shown'))
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') syncSoon('visible')
    else void requestWakeUp() // a hidden page may be ended at any moment
  })
  void forgetRefusals()
    .catch(() => {})
    .then(updateState)
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

function schedule(delayMs: number): void {
  if (inFlight) {
    requestedMeanwhile = true
    return
  }
  const now = Date.now()
  const isEdit = delayMs === AFTER_EDIT_MS
  if (isEdit) editingSince ??= now
  // each edit restarts the pause, so that a drag is sent once; every other reason may only bring the next sync forward
  const mayDelay = isEdit && now - (editingSince ?? now) < MAX_EDIT_DELAY_MS
  if (timer !== undefined && now + delayMs >= due && !mayDelay) return
  clearTimeout(timer)
  due = now + delayMs
  timer = setTimeout(() => void run(), delayMs)
}

async function run(): Promise<void> {
  timer = undefined
  due = Number.POSITIVE_INFINITY
  editingSince = undefined
  inFlight = true
  requestedMeanwhile = false
  let nextMs = IDLE_MS
  try {
    await updateState()
    await requestWakeUp()
    const result = await syncNow()
    unreadable = result.unreadable
    backoff.reset()
    failure = undefined
    commandRuns = result.running
    // a person waits for the command; without the socket its result comes only with the response to another call
    if (commandRuns && !isLive) nextMs = RUNNING_MS
  } catch (error) {
    failure = sentenceFor(error, { unforeseen: `This phone could not sync: ${String(error)}` })
    nextMs = Math.max(backoff.nextMs(), error instanceof ApiProblem ? error.retryAfterMs : 0)
    await requestWakeUp()
  }
  inFlight = false
  await updateState()
  schedule(requestedMeanwhile ? AFTER_EDIT_MS : nextMs)
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

/** Read the state anew from the stored rows, since other tabs and the service worker change them too. */
async function updateState(): Promise<void> {
  try {
    await readState()
  } catch {
    // the database cannot be read: `storageState` says why
  }
  const problem = storageState.getState().problem
  if (problem) syncState.setState({ status: 'attention', detail: problem })
}

async function readState(): Promise<void> {
  const [waiting, refused, meta] = await withDatabase((db) =>
    Promise.all([
      db.countFromIndex('designs', 'waiting', 'unsent'),
      db.getAllFromIndex('designs', 'waiting', 'refused'),
      db.get('meta', 'sync'),
    ]),
  )
  const lastSyncedAt = meta?.lastSyncedAt
  const detail = refused[0]?.rejected?.problem.detail || failure || unreadable
  const failing = failure !== undefined
  syncState.setState({ status: statusOf(refused.length, waiting, lastSyncedAt), waiting, lastSyncedAt, detail, failing }, true)
}

function statusOf(refused: number, waiting: number, lastSyncedAt: string | undefined): SyncState['status'] {
  if (refused > 0) return 'attention'
  if (waiting > 0) return inFlight && failure === undefined ? 'syncing' : 'waiting'
  if (unreadable !== undefined && failure === undefined) return 'attention'
  return lastSyncedAt ? 'saved-on-server' : 'saved-on-phone'
}
