/** The state of sync for the screen, read from the stored rows: what waits, why, and when the server was last reached. */
import { createStore } from 'zustand/vanilla'
import type { CallFailure } from '../lib/call_failure'
import { refusalSentence } from '../lib/call_failure'
import { canCancel } from '../storage/commands'
import { type CommandKind, type StoredCommand, type StoredDesign, storageState, withDatabase } from '../storage/database'
import { changeToSend, isRefused } from '../storage/sending'
import { readWaiting } from '../storage/waiting'

/** A design or a command that the server does not have yet, or refused. */
export interface WaitingItem {
  id: string
  kind: 'design' | CommandKind
  /** of the design */
  name: string
  /** what happened to the design here, null for a command; `unchanged`: the server may have lost what this phone got from it */
  change: 'new' | 'changed' | 'removed' | 'unchanged' | null
  /** why the server refused it, as a sentence */
  refused?: string
  /** whether a call carried the command, so that the server may have it already */
  sent: boolean
}

export interface SyncState {
  status: 'saved-on-phone' | 'saved-on-server' | 'waiting' | 'syncing' | 'attention'
  /** how many designs the server does not have yet; commands are not counted, the screens they belong to show them */
  waiting: number
  /** how many designs the server refused as they are */
  refused: number
  /** how many commands no response has come for */
  waitingCommands: number
  /** the first of all these */
  items: readonly WaitingItem[]
  lastSyncedAt?: string
  /** why designs wait or were refused */
  detail?: string
  /** whether the last sync failed */
  failing: boolean
  /** what became of the last call, where it failed */
  failure?: CallFailure['kind'] | 'other'
  /** whether a sync is under way */
  running: boolean
  /** whether something has waited for a minute although the server answers */
  stuck: boolean
}

export const syncState = createStore<SyncState>(() => ({
  status: 'saved-on-phone',
  waiting: 0,
  refused: 0,
  waitingCommands: 0,
  items: [],
  failing: false,
  running: false,
  stuck: false,
}))

/** What the syncer of this tab does, beside what is stored. */
export interface Activity {
  running: boolean
  /** why the last sync failed */
  failure?: { kind: CallFailure['kind'] | 'other'; sentence: string }
  /** why the server cannot read a design that it stores */
  unreadable?: string
}

/** Read the state anew, since other tabs and the service worker change rows too. Resolves with a key for each thing that waits. */
export async function updateState(activity: Activity): Promise<string[]> {
  let keys: string[] = []
  try {
    keys = await readState(activity)
  } catch {
    // the database cannot be read: `storageState` says why
  }
  const problem = storageState.getState().problem
  if (problem) syncState.setState({ status: 'attention', detail: problem })
  return keys
}

/** As many of a kind as the screen may list; a phone that was away for long has hundreds. */
const MAX_ITEMS = 8

async function readState({ running, failure, unreadable }: Activity): Promise<string[]> {
  const rows = await readWaiting(MAX_ITEMS)
  const commands = (await withDatabase((db) => db.getAll('commands'))).filter(({ status }) => status === 'waiting')
  const meta = await withDatabase((db) => db.get('meta', 'sync'))
  const listed = commands.slice(0, MAX_ITEMS)
  const designs = await withDatabase((db) => Promise.all(listed.map(({ designId }) => db.get('designs', designId))))
  const next: Omit<SyncState, 'status' | 'stuck'> = {
    waiting: rows.unsent,
    refused: rows.refused,
    waitingCommands: commands.length,
    items: [...rows.firstRefused, ...rows.firstUnsent]
      .map(designItem)
      .concat(listed.map((command, index) => commandItem(command, designs[index]?.work.name))),
    lastSyncedAt: meta?.lastSyncedAt,
    detail: rows.firstRefused[0]?.rejected?.problem.detail || failure?.sentence || unreadable,
    failing: failure !== undefined,
    failure: failure?.kind,
    running,
  }
  const isUnreadable = unreadable !== undefined && failure === undefined
  syncState.setState({ ...next, status: statusOf(isUnreadable, next) })
  return [
    ...rows.firstUnsent.map((row) => `design ${row.id} ${changeToSend(row).change}`),
    ...listed.map(({ id }) => `command ${id}`),
  ]
}

function statusOf(
  unreadable: boolean,
  { waiting, refused, running, failing, lastSyncedAt }: Omit<SyncState, 'status' | 'stuck'>,
): SyncState['status'] {
  if (refused > 0) return 'attention'
  if (waiting > 0) return running && !failing ? 'syncing' : 'waiting'
  if (unreadable) return 'attention'
  return lastSyncedAt ? 'saved-on-server' : 'saved-on-phone'
}

function designItem(row: StoredDesign): WaitingItem {
  const change = !row.dirty ? 'unchanged' : row.deleted ? 'removed' : row.base === null ? 'new' : 'changed'
  const refused = row.rejected && isRefused(row) ? refusalSentence(row.rejected.problem) : undefined
  return { id: row.id, kind: 'design', name: row.work.name, change, sent: false, ...(refused && { refused }) }
}

const commandItem = (command: StoredCommand, name = 'a removed design'): WaitingItem => ({
  id: command.id,
  kind: command.kind,
  name,
  change: null,
  sent: !canCancel(command),
})
