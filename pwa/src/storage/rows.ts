/** How the row of a design comes to be, is edited and takes a document of the server; pure, no database. */
import type { ModelArchitecture, SyncedDesign } from '../generated/wire'
import type { StoredDesign } from './database'
import { sameDocument } from './same_document'

const CONFLICTS_KEPT = 50
const REPLACED_KEPT = 3

/** A design that was never edited here and that no server has told of. */
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

/** The row after a delete: a tombstone to be sent. */
export function deletedRow(row: StoredDesign, change: number): StoredDesign {
  return { ...row, deleted: true, dirty: true, change, updatedAt: new Date().toISOString() }
}

/** The row with the server's document as what is seen and as what the next edit starts from. */
export function adoptedRow(row: StoredDesign, document: ModelArchitecture, said: SyncedDesign, epoch: string): StoredDesign {
  const told = { base: document, baseEtag: said.etag ?? null, epoch, dirty: false, deleted: false, sent: null, rejected: null }
  const conflicts = [...row.conflicts, ...(said.conflicts ?? [])].slice(-CONFLICTS_KEPT)
  if (sameDocument(row.work, document)) return { ...row, ...told, conflicts }
  return {
    ...row,
    ...told,
    conflicts,
    work: document,
    revision: row.revision + 1,
    replaced: [...row.replaced, { revision: row.revision, work: row.work }].slice(-REPLACED_KEPT),
    updatedAt: new Date().toISOString(),
  }
}
