/** The row of a design after it is made, edited, deleted or synced: pure functions, no database. */
import type { ModelArchitecture, SyncedDesign } from '../generated/wire'
import type { StoredDesign } from './database'
import { sameDocument } from './same_document'
import type { VersionVector } from './vectors'

const MAX_CONFLICTS = 50
const MAX_REPLACED = 3

/** What a document on the screen was made from: the server's document with its version vector. */
export interface Origin {
  base: ModelArchitecture | null
  baseEtag: string | null
  baseSeen?: VersionVector
  epoch: string | null
}

/** The row of a design that was never edited here and never synced. */
export function blankRow(work: ModelArchitecture, now = new Date().toISOString()): StoredDesign {
  return {
    id: work.id,
    work,
    base: null,
    baseEtag: null,
    epoch: null,
    dirty: false,
    change: 0,
    deleted: false,
    sent: null,
    rejected: null,
    conflicts: [],
    revision: firstRevision(),
    replaced: [],
    createdAt: now,
    updatedAt: now,
  }
}

/** Not the same for two rows of one design: a number of a row that is gone must mean nothing in the next one. */
function firstRevision(): number {
  return crypto.getRandomValues(new Uint8Array(5)).reduce((number, byte) => number * 256 + byte, 0)
}

/**
 * The row after an edit of the document of `revision`. Where that is no longer the newest, the base is what it was made from: the
 * document that sync has replaced since, or what the page remembers (`origin`).
 */
export function editedRow(
  row: StoredDesign,
  work: ModelArchitecture,
  change: number,
  revision = row.revision,
  origin?: Origin,
): StoredDesign {
  const edited = { ...row, work, deleted: false, dirty: true, change, order: change, updatedAt: new Date().toISOString() }
  if (revision === row.revision) return edited
  const older = row.replaced.find((replaced) => replaced.revision === revision)
  if (older) return { ...edited, base: older.work, baseSeen: older.seen, replaced: [] }
  return origin ? { ...edited, ...origin, baseSeen: origin.baseSeen, replaced: [] } : edited
}

/** The row after a delete, still to be sent. */
export function deletedRow(row: StoredDesign, change: number): StoredDesign {
  return { ...row, deleted: true, dirty: true, change, order: change, updatedAt: new Date().toISOString() }
}

/**
 * The row with the server's document as the one on the screen and as the base of the next edit.
 *
 * `seenOfWork` is the version vector of the document that it replaces, if known.
 */
export function adoptedRow(
  row: StoredDesign,
  document: ModelArchitecture,
  synced: SyncedDesign,
  epoch: string,
  seenOfWork = row.baseSeen,
): StoredDesign {
  const { report: _, forked: __, ...kept } = row
  const adopted: StoredDesign = {
    ...kept,
    base: document,
    baseEtag: synced.etag ?? null,
    baseSeen: synced.seen,
    epoch,
    dirty: false,
    deleted: false,
    sent: null,
    rejected: null,
    conflicts: withConflicts(row, synced),
  }
  if (sameDocument(row.work, document)) return adopted
  return {
    ...adopted,
    work: document,
    revision: row.revision + 1,
    replaced: [...row.replaced, { revision: row.revision, work: row.work, seen: seenOfWork }].slice(-MAX_REPLACED),
    updatedAt: new Date().toISOString(),
  }
}

/** The conflicts of a row with those that a server of an older version reports together with the design. */
export function withConflicts(row: StoredDesign, synced: SyncedDesign): StoredDesign['conflicts'] {
  return [...row.conflicts, ...(synced.conflicts ?? [])].slice(-MAX_CONFLICTS)
}
