/** When the phone syncs, and what it says about it; what is sent and how an answer is taken is `syncer.ts`. */
import { createStore } from 'zustand/vanilla'
import { ApiProblem } from '../api/problem'
import type { CommandFinished, DesignChanged } from '../generated/wire'
import { onChange } from '../storage/changes'
import { isOpen } from '../storage/commands'
import { storageState, withDatabase } from '../storage/database'
import { needsSending } from './build_request'
import { countWaiting, forgetRefusals, syncNow } from './sync_session'

export interface SyncState {
  status: 'saved-on-phone' | 'saved-on-server' | 'waiting' | 'syncing' | 'attention'
  /** designs the server does not have yet; what waits to be compiled or trained is told where it was asked for */
  waiting: number
  lastSyncedAt?: string
  detail?: string
  /** whether the last call got no answer of the server */
  failing: boolean
}

export const syncState = createStore<SyncState>(() => ({ status: 'saved-on-phone', waiting: 0, failing: false }))

const AFTER_EDIT_MS = 400
/** how long edits without a pause, such as a drag, may put a sync off */
const EDITING_AT_MOST_MS = 2_000
/** how often the server is asked for the result of a command while it cannot send a message that it has ended */
const RUNNING_MS = 1_000
const IDLE_MS = 30_000
const BACKOFF_MS = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000]

let timer: ReturnType<typeof setTimeout> | undefined
let due = Number.POSITIVE_INFINITY
let editingSince: number | undefined
let failures = 0
let inFlight = false
let askedMeanwhile = false
let trouble: string | undefined
let unreadable: string | undefined
let started = false
let commandRuns = false
let isLive = false

/** Sync soon: after an edit with a short pause, otherwise at once. */
export function syncSoon(reason: string): void {
  if (reason !== 'edit') failures = 0
  schedule(reason === 'edit' ? AFTER_EDIT_MS : 0)
}

/** Sync from now on: on start, on `online`, on becoming visible, on a timer and after every edit. */
export function startSync(): void {
  if (started) return
  started = true
  onChange((change) => {
    if (change.local) syncSoon('edit')
    void showState()
  })
  storageState.subscribe(() => void showState())
  addEventListener('online', () => syncSoon('online'))
  addEventListener('pageshow', () => syncSoon('shown'))
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') syncSoon('visible')
    else void wakeLater()
  })
  void forgetRefusals()
    .catch(() => {})
    .then(showState)
    .then(() => syncSoon('start'))
}

/** Fetch a design that the server says has changed, unless it is the one we sent. */
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
    askedMeanwhile = true
    return
  }
  const now = Date.now()
  const isEdit = delayMs === AFTER_EDIT_MS
  if (isEdit) editingSince ??= now
  // an edit waits for the pause after it, but not for ever; everything else may only bring the next sync forward
  const mayPutOff = isEdit && now - (editingSince ?? now) < EDITING_AT_MOST_MS
  if (timer !== undefined && now + delayMs >= due && !mayPutOff) return
  clearTimeout(timer)
  due = now + delayMs
  timer = setTimeout(() => void run(), delayMs)
}

async function run(): Promise<void> {
  timer = undefined
  due = Number.POSITIVE_INFINITY
  editingSince = undefined
  inFlight = true
  askedMeanwhile = false
  let nextMs = IDLE_MS
  try {
    await showState()
    await wakeLater()
    const synced = await syncNow()
    unreadable = synced.unreadable
    failures = 0
    trouble = undefined
    commandRuns = synced.running
    if (commandRuns && !isLive) nextMs = RUNNING_MS
  } catch (error) {
    trouble = sentenceFor(error)
    const backoff = BACKOFF_MS[Math.min(failures, BACKOFF_MS.length - 1)] ?? IDLE_MS
    nextMs = Math.max(backoff * (0.75 + Math.random() / 2), error instanceof ApiProblem ? error.retryAfterMs : 0)
    failures += 1
    await wakeLater()
  }
  inFlight = false
  await showState()
  schedule(askedMeanwhile ? AFTER_EDIT_MS : nextMs)
}

/** Ask the browser to wake the service worker when there is a network, should this page be gone by then. */
async function wakeLater(): Promise<void> {
  if (!('serviceWorker' in navigator)) return
  try {
    const registration = await navigator.serviceWorker.getRegistration()
    const sync = (registration as { sync?: { register(tag: string): Promise<void> } } | undefined)?.sync
    if (sync && registration?.active && (await countWaiting()) > 0) await sync.register('designs')
  } catch {
    // not allowed or not there: the page itself syncs whenever it is open
  }
}

function sentenceFor(error: unknown): string {
  return error instanceof ApiProblem ? error.detail || error.title : String(error)
}

/** Say how things stand, from the rows themselves, whoever changed them. */
async function showState(): Promise<void> {
  try {
    await readState()
  } catch {
    // `storageState` holds what is wrong with the database
  }
  const problem = storageState.getState().problem
  if (problem) syncState.setState({ status: 'attention', detail: problem })
}

async function readState(): Promise<void> {
  const [designs, meta] = await withDatabase((db) => Promise.all([db.getAll('designs'), db.get('meta', 'sync')]))
  const refused = designs.filter((row) => row.dirty && row.rejected && !needsSending(row))
  const waiting = designs.filter(needsSending).length
  const lastSyncedAt = meta?.lastSyncedAt
  const detail = refused[0]?.rejected?.problem.detail || trouble || unreadable
  const failing = trouble !== undefined
  syncState.setState({ status: statusOf(refused.length, waiting, lastSyncedAt), waiting, lastSyncedAt, detail, failing }, true)
}

function statusOf(refused: number, waiting: number, lastSyncedAt: string | undefined): SyncState['status'] {
  if (refused > 0) return 'attention'
  if (waiting > 0) return inFlight && trouble === undefined ? 'syncing' : 'waiting'
  if (unreadable !== undefined && trouble === undefined) return 'attention'
  return lastSyncedAt ? 'saved-on-server' : 'saved-on-phone'
}
