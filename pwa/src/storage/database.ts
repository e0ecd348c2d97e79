/** The IndexedDB of the app: its stores, how it is opened and reopened, and the state of the phone's storage. */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb'
import { createStore } from 'zustand/vanilla'
import type { CompileResult, Conflict, ModelArchitecture, ProblemDetails } from '../generated/wire'
import { STORAGE_SENTENCES, sentenceFor } from '../lib/error_sentence'

/** One design on this phone; the sync client and the editor share this row and nothing else. */
export interface StoredDesign {
  id: string
  /** what the person sees and edits */
  work: ModelArchitecture
  /** the server's document that `work` started from; null while the server has never seen it */
  base: ModelArchitecture | null
  baseEtag: string | null
  /** the server's epoch that `base` belongs to */
  epoch: string | null
  dirty: boolean
  /** grows with every local change, over all designs of this phone, and never starts again */
  change: number
  /** deleted here, hidden, and kept until the server has deleted it too */
  deleted: boolean
  /** the change sent by a call that has no response yet */
  sent: SentChange | null
  /** why the server refused change number `rejected.change`; it is sent again after the next edit */
  rejected: { change: number; problem: ProblemDetails } | null
  conflicts: Conflict[]
  /** grows whenever sync puts another document in the place of `work`; an editor hands it back with its next edit */
  revision: number
  /** what `work` was in the last revisions: the true base of an edit made before the editor saw the newer document */
  replaced: { revision: number; work: ModelArchitecture }[]
  createdAt: string
  updatedAt: string
}

export interface SentChange {
  change: number
  deleted: boolean
  work: ModelArchitecture
}

export type CommandKind = 'compile' | 'train'

/** A command for the server, perhaps given offline, and its result. */
export interface StoredCommand {
  id: string
  kind: CommandKind
  designId: string
  config: Record<string, unknown>
  status: 'waiting' | 'running' | 'done' | 'failed'
  /** whether a call has carried it, so that the server may have it although no answer came; older versions of the app did not note it */
  sent?: boolean
  runId?: string
  result?: CompileResult
  problem?: ProblemDetails
  createdAt: string
}

/** What the phone knows of the server it last synced with, and its own numbers. */
export interface SyncMeta {
  clientId: string
  lastChange: number
  epoch: string | null
  cursor: number
  lastSyncedAt?: string
}

export interface Schema extends DBSchema {
  designs: { key: string; value: StoredDesign }
  commands: { key: string; value: StoredCommand }
  meta: { key: 'sync'; value: SyncMeta }
}

type Database = IDBPDatabase<Schema>

/** Why the phone cannot store anything at present; `outdated`: since a newer version of the app uses the database. */
export const storageState = createStore<{ problem?: string; outdated?: boolean }>(() => ({}))

const NAME = 'model-studio'
const VERSION = 1
let opening: Promise<Database> | undefined

function open(): Promise<Database> {
  opening ??= openDB<Schema>(NAME, VERSION, {
    upgrade(db) {
      db.createObjectStore('designs', { keyPath: 'id' })
      db.createObjectStore('commands', { keyPath: 'id' })
      db.createObjectStore('meta')
    },
    blocking(_version, wanted) {
      void closeDatabase()
      // null where the database is deleted: it is then made anew
      if (wanted !== null) storageState.setState({ problem: STORAGE_SENTENCES.VersionError, outdated: true }, true)
    },
    terminated() {
      opening = undefined
    },
  }).catch((error: unknown) => {
    opening = undefined
    throw error
  })
  return opening
}

/** Close the connection, so that another version may upgrade; the next use opens it again. */
export async function closeDatabase(): Promise<void> {
  const connection = opening
  opening = undefined
  if (connection) (await connection).close()
}

/** Clear the problem, after an edit reached the disk. */
export function storageWorks(): void {
  if (storageState.getState().problem) storageState.setState({}, true)
}

/** Use the database. A connection that the browser lost is opened once more; any other error sets `storageState` and is thrown. */
export async function withDatabase<T>(use: (db: Database) => Promise<T>): Promise<T> {
  try {
    return await attempt(use)
  } catch (error) {
    const problem = sentenceFor(error, { unforeseen: `This phone could not store it: ${messageOf(error)}` })
    // set once: whoever is notified reads the database again, which fails again
    const outdated = error instanceof DOMException && error.name === 'VersionError'
    if (storageState.getState().problem !== problem) storageState.setState({ problem, outdated }, true)
    throw error
  }
}

async function attempt<T>(use: (db: Database) => Promise<T>): Promise<T> {
  try {
    return await use(await open())
  } catch (error) {
    if (!lostConnection(error)) throw error
    opening = undefined
    return use(await open())
  }
}

function lostConnection(error: unknown): boolean {
  if (!(error instanceof DOMException)) return false
  if (error.name === 'InvalidStateError') return true
  return error.name === 'UnknownError' && /lost|closed/i.test(error.message)
}

const messageOf = (error: unknown): string => (error instanceof DOMException ? error.message : String(error))

export function freshMeta(clientId: string): SyncMeta {
  return { clientId, lastChange: 0, epoch: null, cursor: 0 }
}
