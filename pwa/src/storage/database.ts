/** The IndexedDB of the app: its stores, how it is opened and reopened, and the state of the phone's storage. */
import { type DBSchema, type IDBPDatabase, type IDBPTransaction, openDB, type StoreNames } from 'idb'
import { createStore } from 'zustand/vanilla'
import type {
  CompileResult,
  Conflict,
  ExportableRun,
  ModelArchitecture,
  ProblemDetails,
  Resolution,
  StoredConflict,
  TelemetryEvent,
} from '../generated/wire'
import { STORAGE_SENTENCES, sentenceFor } from '../lib/error_sentence'
import { indexed } from './sending'
import { unstored } from './unstored'
import type { VersionVector } from './vectors'

/** What a document on the screen was made from. */
export interface Origin {
  /** the server's document that it started from; null while the server has never seen it */
  base: ModelArchitecture | null
  baseEtag: string | null
  /** the version vector of `base`; rows of older versions of the app do not have it */
  baseSeen?: VersionVector
  /** what `base` was made from, where that is no version of the server but what this phone sent; with its version vector */
  anchor?: ModelArchitecture | null
  anchorSeen?: VersionVector
  /** the epoch of the server that `base` came from */
  epoch: string | null
}

/** One design on this phone; the sync client and the editor share this row and nothing else. */
export interface StoredDesign extends Origin {
  id: string
  /** what the server said of the changes in `baseSeen`, for one that lost them; older servers say nothing */
  baseContents?: Record<string, string>
  /** what the person sees and edits; it was made from the `Origin` in this row */
  work: ModelArchitecture
  dirty: boolean
  /** grows with every local change, over all designs of this phone, and never starts again */
  change: number
  /** deleted here, hidden, and kept until the server has deleted it too */
  deleted: boolean
  /** whether the server, put back from a copy, may have lost `base`, so that it is sent although nothing was edited here */
  report?: boolean
  /**
   * The last version of the history that the server had before its data were put back; sent with every change, since the server may
   * be put back again, and then lacks what both histories had.
   */
  former?: { document: ModelArchitecture; seen: VersionVector }
  /** whether this phone's storage proved to be a copy: where both sides changed a value, the server's is kept */
  forked?: boolean
  /** the change sent by a call that has no response yet */
  sent: SentChange | null
  /** why the server refused change number `rejected.change`; it is sent again after the next edit */
  rejected: { change: number; problem: ProblemDetails } | null
  /** conflicts reported by servers that stored none; those of today are in a store of their own (`conflicts.ts`) */
  conflicts: Conflict[]
  /** grows whenever sync puts another document in the place of `work`; an editor hands it back with its next edit */
  revision: number
  /** what `work` was in the last revisions: the true base of an edit made before the editor saw the newer document */
  replaced: ReplacedDocument[]
  createdAt: string
  updatedAt: string
  /** grows over all designs with every change of a row, here or by sync; rows of older versions of the app do not have it */
  order?: number
  /** whether it is to be sent; written by `indexed` for the index of the same name, and derived from the other fields */
  waiting?: 'unsent' | 'refused'
}

/** A document that sync replaced by a newer one, with its version vector, and what it was made from. */
export interface ReplacedDocument {
  revision: number
  work: ModelArchitecture
  seen?: VersionVector
  anchor?: ModelArchitecture | null
  anchorSeen?: VersionVector
}

/** A change that was sent, with the client id it was sent under; older versions of the app did not store that. */
export interface SentChange {
  change: number
  deleted: boolean
  work: ModelArchitecture
  clientId?: string
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
  /** when the first call carried it, and when an answer brought its end, in ms; older versions of the app did not note it */
  sentAt?: number
  endedAt?: number
  /** of the answer that brought its end, as in the log of the server */
  requestId?: string
  runId?: string
  /** of a `train`: id of a run to train longer, instead of a new run */
  continues?: string
  result?: CompileResult
  problem?: ProblemDetails
  createdAt: string
  /** grows with every command; commands of older versions of the app do not have it */
  order?: number
}

/** A conflict that the server delivered. */
export interface KeptConflict extends StoredConflict {
  /** grows with every delivery */
  order: number
  /** whether the server knows that it is stored here */
  acknowledged: boolean
  /** whether the person has closed the notice about it */
  dismissed: boolean
  /** whether the server may have lost it, since it was put back from a copy */
  report?: boolean
  /** whether this phone sent the change that made it; older versions of the app note it only when the device id is renewed */
  own?: boolean
  /** whether it concerns other devices only, and is here in case the server loses it before they have it */
  forOthers?: boolean
  /** what the person chose here, in the terms of the server, until the server has it */
  choice?: Resolution['choice']
}

/** A trained network on this phone: everything about it but its files, which are in a cache. */
export interface KeptNetwork {
  /** the id of its run and its moves: `<runId>-<steps>` */
  id: string
  runId: string
  designId: string
  /** when it was fetched */
  designName: string
  /** of the design that was trained */
  designHash: string
  /** what it was when it was fetched: `best`, `last` or a number of moves */
  checkpoint: string
  steps: number
  algorithm: string
  /** what its values are made of; absent where older versions of app or server kept it, null where it is not known */
  valueUnit?: ExportableRun['value_unit']
  /** mean score of the test games that it played; null where it played none */
  score: number | null
  /** the newest test games of its run */
  evaluation: ExportableRun['evaluation']
  parameters: number
  /** time its run had trained when it was fetched */
  trainSeconds: number | null
  /** size and SHA-256 of the plain ONNX */
  bytes: number
  sha256: string
  /** those of the ONNX for looking inside; null where it is not kept */
  inspectBytes: number | null
  inspectSha256: string | null
  keptAt: string
  /** of the check of the plain ONNX; null where the server did not tell it */
  largestDifference: number | null
  checkedBoards: number | null
  /** whether nobody asked for it: it is then removed once a newer one of its run is stored */
  automatic: boolean
  /** grows with every network that is kept */
  order: number
}

/** The answer to the question whether this device may record its use, and what is left to do about it. */
export interface TelemetryConsent {
  answer: 'yes' | 'no'
  /** under which the server keeps the events: random, and a new one after they were deleted */
  deviceId: string
  /** whether the server has to delete them as soon as it can be reached */
  deletes: boolean
  /** how long the app was visible without the server since it was last reached, in ms */
  offlineMs: number
  /** ids of ended commands that are recorded, or ended before the consent */
  seenCommands: string[]
}

/** What the phone knows of the server it last synced with, and its own numbers. */
export interface SyncMeta {
  /** numbers the changes of this phone; renewed when another phone, or an earlier state of this one, proves to have the same */
  clientId: string
  /** renewed with `clientId`, since a copy has both; before version 2 of the database the client id was all there was */
  deviceId?: string
  /** the device ids before that, the newest last: their conflicts are delivered to the present one too */
  formerDeviceIds?: string[]
  /** whether the server has to be told of them: they are new, or it was put back from a copy */
  announcesFormer?: boolean
  lastChange: number
  epoch: string | null
  cursor: number
  /** from the response that `cursor` came with */
  cursorToken?: string
  lastSyncedAt?: string
  /** until when the server asked not to be called again, in ms since 1970, and the status with which it did */
  retryAfter?: { at: number; status: number }
}

export interface Schema extends DBSchema {
  designs: { key: string; value: StoredDesign; indexes: { waiting: string } }
  commands: { key: string; value: StoredCommand }
  meta: { key: 'sync'; value: SyncMeta }
  conflicts: { key: string; value: KeptConflict; indexes: { design_id: string } }
  networks: { key: string; value: KeptNetwork }
  /** events that the server does not have yet, by a number that grows */
  telemetry: { key: number; value: TelemetryEvent; indexes: { id: string } }
  consent: { key: 'telemetry'; value: TelemetryConsent }
}

type Database = IDBPDatabase<Schema>

/** Why the phone cannot store anything at present; `outdated`: since a newer version of the app uses the database. */
export const storageState = createStore<{ problem?: string; outdated?: boolean }>(() => ({}))

const NAME = 'model-studio'
const VERSION = 4
let opening: Promise<Database> | undefined

function open(): Promise<Database> {
  opening ??= openDB<Schema>(NAME, VERSION, {
    upgrade(db, from, _to, tx) {
      if (from < 1) {
        db.createObjectStore('designs', { keyPath: 'id' })
        db.createObjectStore('commands', { keyPath: 'id' })
        db.createObjectStore('meta')
      }
      if (from < 2) upgradeTo2(db, tx).catch(() => abort(tx))
      if (from < 3) db.createObjectStore('networks', { keyPath: 'id' })
      if (from < 4) {
        db.createObjectStore('telemetry', { autoIncrement: true }).createIndex('id', 'id', { unique: true })
        db.createObjectStore('consent')
      }
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

/** Give an upgrade up, so that opening fails and the database stays as it was; a failed request has done so already. */
function abort(tx: Upgrade): void {
  try {
    tx.abort()
  } catch {
    // aborted already
  }
}

type Upgrade = IDBPTransaction<Schema, StoreNames<Schema>[], 'versionchange'>

/** A store for conflicts, and an index of the designs to send: rows of version 1 stay as they are otherwise. */
async function upgradeTo2(db: Database, tx: Upgrade): Promise<void> {
  db.createObjectStore('conflicts', { keyPath: 'id' }).createIndex('design_id', 'design_id')
  const designs = tx.objectStore('designs')
  designs.createIndex('waiting', 'waiting')
  for (let cursor = await designs.openCursor(); cursor; cursor = await cursor.continue()) {
    const row = indexed(cursor.value)
    if (row.waiting) await cursor.update(row)
  }
}

/** Close the connection, so that another version may upgrade; the next use opens it again. */
export async function closeDatabase(): Promise<void> {
  const connection = opening
  opening = undefined
  if (connection) (await connection).close()
}

const onWorking = new Set<() => void>()

/** Call `listener` whenever something reached the disk. */
export function onStorageWorks(listener: () => void): void {
  onWorking.add(listener)
}

/** Note that something reached the disk: the problem is cleared, unless an edit still is in memory only, which is tried again. */
export function storageWorks(): void {
  if (unstored.size === 0 && storageState.getState().problem) storageState.setState({}, true)
  for (const listener of onWorking) listener()
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
  return { clientId, deviceId: clientId, lastChange: 0, epoch: null, cursor: 0 }
}
