/** The state of sync for the screen, read from the stored rows: what waits, why, and when the server was last reached. */
import { createStore } from 'zustand/vanilla'
import type { CallFailure } from '../lib/call_failure'
import { refusalSentence } from '../lib/call_failure'
import { canCancel, isOpen } from '../storage/commands'
import { type CommandKind, type StoredCommand, type StoredDesign, storageState, withDatabase } from '../storage/database'
import { needsSending } from './build_request'

/** A design or a command that the server does not have yet, or refused. */
export interface WaitingItem {
  id: string
  kind: 'design' | CommandKind
  /** of the design */
  name: string
  /** what is to happen on the server; null for a command */
  change: 'new' | 'changed' | 'removed' | null
  /** why the server refused it, as a sentence */
  refused?: string
  /** whether a call carried the command, so that the server may have it already */
  sent: boolean
}

export interface SyncState {
  status: 'saved-on-phone' | 'saved-on-server' | 'waiting' | 'syncing' | 'attention'
  /** how many designs the server does not have yet; commands are not counted, the screens they belong to show them */
  waiting: number
  /** the designs and commands that wait or were refused */
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

async function readState({ running, failure, unreadable }: Activity): Promise<string[]> {
  const [designs, commands, meta] = await withDatabase((db) =>
    Promise.all([db.getAll('designs'), db.getAll('commands'), db.get('meta', 'sync')]),
  )
  const refused = designs.filter((row) => row.dirty && row.rejected && !needsSending(row))
  const unsent = designs.filter(needsSending)
  const pending = commands.filter((command) => isOpen(command) && command.status === 'waiting')
  const names = new Map(designs.map(({ id, work }) => [id, work.name]))
  const lastSyncedAt = meta?.lastSyncedAt
  const detail = refused[0]?.rejected?.problem.detail || failure?.sentence || unreadable
  const next: Omit<SyncState, 'status' | 'stuck'> = {
    waiting: unsent.length,
    items: [...refused.map(designItem), ...unsent.map(designItem), ...pending.map((command) => commandItem(command, names))],
    lastSyncedAt,
    detail,
    failing: failure !== undefined,
    failure: failure?.kind,
    running,
  }
  const isUnreadable = unreadable !== undefined && failure === undefined
  syncState.setState({ ...next, status: statusOf(refused.length, isUnreadable, next) })
  return [
    ...unsent.map((row) => `design ${row.id} ${row.sent?.change ?? row.change}`),
    ...pending.map(({ id }) => `command ${id}`),
  ]
}

function statusOf(
  refused: number,
  unreadable: boolean,
  { waiting, running, failing, lastSyncedAt }: Pick<SyncState, 'waiting' | 'running' | 'failing' | 'lastSyncedAt'>,
): SyncState['status'] {
  if (refused > 0) return 'attention'
  if (waiting > 0) return running && !failing ? 'syncing' : 'waiting'
  if (unreadable) return 'attention'
  return lastSyncedAt ? 'saved-on-server' : 'saved-on-phone'
}

function designItem(row: StoredDesign): WaitingItem {
  const change = row.deleted ? 'removed' : row.base === null ? 'new' : 'changed'
  const refused = row.rejected && !needsSending(row) ? refusalSentence(row.rejected.problem) : undefined
  return { id: row.id, kind: 'design', name: row.work.name, change, sent: false, ...(refused && { refused }) }
}

function commandItem(command: StoredCommand, names: ReadonlyMap<string, string>): WaitingItem {
  const name = names.get(command.designId) ?? 'a removed design'
  return { id: command.id, kind: command.kind, name, change: null, sent: !canCancel(command) }
}
