/** The row of a design after it is made, edited, deleted or synced: pure functions, no database. */
import type { ModelArchitecture, SyncedDesign } from '../generated/wire'
import type { Origin, ReplacedDocument, StoredDesign } from './database'
import { sameDocument } from './same_document'
import type { VersionVector } from './vectors'

const MAX_CONFLICTS = 50
const MAX_REPLACED = 3

export const originOfRow = ({ base, baseEtag, baseSeen, anchor, anchorSeen, epoch }: StoredDesign): Origin => ({
  ...{ base, baseEtag, baseSeen, epoch },
  ...(anchor && { anchor, anchorSeen }),
})

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

/** Not the same for two rows of one design: a number of a row that was deleted must mean nothing in the next one. */
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
  const made = older ? originOfReplaced(row, older) : origin
  if (!made) return edited
  const { anchor: _, anchorSeen: __, ...rest } = edited
  return { ...rest, ...made, replaced: [] }
}

const originOfReplaced = (row: StoredDesign, { work, seen, anchor, anchorSeen }: ReplacedDocument): Origin => ({
  ...{ base: work, baseEtag: row.baseEtag, baseSeen: seen, epoch: row.epoch },
  ...(anchor && { anchor, anchorSeen }),
})

/** The row once the server has another history than the one that its base came from. */
export function withFormer(row: StoredDesign): StoredDesign {
  return row.base && row.baseSeen ? { ...row, former: { document: row.base, seen: row.baseSeen } } : row
}

/** The row after a delete, still to be sent. */
export function deletedRow(row: StoredDesign, change: number): StoredDesign {
  return { ...row, deleted: true, dirty: true, change, order: change, updatedAt: new Date().toISOString() }
}

/**
 * The row with the server's document as the one on the screen and as the base of the next edit.
 *
 * `sentSeen` is the version vector of the document that it replaces where this phone has sent that one.
 */
export function adoptedRow(
  row: StoredDesign,
  document: ModelArchitecture,
  synced: SyncedDesign,
  epoch: string,
  sentSeen?: VersionVector,
): StoredDesign {
  const { report: _, forked: __, anchor: ___, anchorSeen: ____, ...kept } = row
  const adopted: StoredDesign = {
    ...kept,
    base: document,
    baseEtag: synced.etag ?? null,
    baseSeen: synced.seen,
    ...(synced.contents && { baseContents: synced.contents }),
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
    replaced: [...row.replaced, replacedDocument(row, sentSeen)].slice(-MAX_REPLACED),
    updatedAt: new Date().toISOString(),
  }
}

function replacedDocument(row: StoredDesign, sentSeen?: VersionVector): ReplacedDocument {
  const { revision, work, base, baseSeen, anchor, anchorSeen } = row
  if (!sentSeen) return { revision, work, seen: baseSeen }
  if (anchor) return { revision, work, seen: sentSeen, anchor, anchorSeen }
  return { revision, work, seen: sentSeen, ...(base && { anchor: base, anchorSeen: baseSeen }) }
}

/** The conflicts of a row with those that a server of an older version reports together with the design. */
export function withConflicts(row: StoredDesign, synced: SyncedDesign): StoredDesign['conflicts'] {
  return [...row.conflicts, ...(synced.conflicts ?? [])].slice(-MAX_CONFLICTS)
}
