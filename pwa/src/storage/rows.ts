/** The row of a design after it is made, edited, deleted or synced: pure functions, no database. */
import type { ModelArchitecture, SyncedDesign } from '../generated/wire'
import type { StoredDesign } from './database'
import { sameDocument } from './same_document'

const MAX_CONFLICTS = 50
const MAX_REPLACED = 3

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
    revision: 0,
    replaced: [],
    createdAt: now,
    updatedAt: now,
  }
}

/** The row after an edit made on `revision` of the document: made on an older one, that one is its base. */
export function editedRow(row: StoredDesign, work: ModelArchitecture, change: number, revision = row.revision): StoredDesign {
  const older = row.replaced.find((replaced) => replaced.revision === revision)
  const base = older && revision < row.revision ? { base: older.work, replaced: [] } : {}
  return { ...row, ...base, work, deleted: false, dirty: true, change, updatedAt: new Date().toISOString() }
}

/** The row after a delete, still to be sent. */
export function deletedRow(row: StoredDesign, change: number): StoredDesign {
  return { ...row, deleted: true, dirty: true, change, updatedAt: new Date().toISOString() }
}

/** The row with the server's document as the one on the screen and as the base of the next edit. */
export function adoptedRow(row: StoredDesign, document: ModelArchitecture, synced: SyncedDesign, epoch: string): StoredDesign {
  const onServer = {
    base: document,
    baseEtag: synced.etag ?? null,
    epoch,
    dirty: false,
    deleted: false,
    sent: null,
    rejected: null,
  }
  const conflicts = [...row.conflicts, ...(synced.conflicts ?? [])].slice(-MAX_CONFLICTS)
  if (sameDocument(row.work, document)) return { ...row, ...onServer, conflicts }
  return {
    ...row,
    ...onServer,
    conflicts,
    work: document,
    revision: row.revision + 1,
    replaced: [...row.replaced, { revision: row.revision, work: row.work }].slice(-MAX_REPLACED),
    updatedAt: new Date().toISOString(),
  }
}
