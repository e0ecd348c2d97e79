/** What the row of a design becomes with the server's answer: pure functions, no database. */
import type { SyncedDesign } from '../generated/wire'
import type { StoredDesign } from '../storage/database'
import { adoptedRow, blankRow, withConflicts, withFormer } from '../storage/rows'
import type { Sending } from '../storage/sending'
import { includes, joined, type VersionVector } from '../storage/vectors'

/** What the answer says about the server. */
export interface Answer {
  epoch: string
  /** whether the server lacks changes that this phone has seen, because its data was put back from a copy or replaced */
  isOtherHistory: boolean
}

/** The row of a design that this phone sent; undefined where it is deleted on both sides. */
export function rowAfterOwn(before: StoredDesign, sent: Sending, synced: SyncedDesign, answer: Answer): StoredDesign | undefined {
  const { epoch, isOtherHistory } = answer
  // nothing was applied: sent again under a new client id
  if (synced.forked) return { ...before, sent: null, forked: true }
  const row = isOtherHistory || sent.report ? withFormer(before) : before
  if (sent.report) return rowAfterReport(row, synced, epoch)
  const seen = joined(row.baseSeen ?? {}, sent.clientId ? { [sent.clientId]: sent.change } : {})
  if (row.change === sent.change) {
    if (synced.deleted) return undefined
    return synced.document ? adoptedRow(row, synced.document, synced, epoch, seen) : row
  }
  return rowEditedMeanwhile(row, sent, synced, seen, epoch)
}

/**
 * The edit was made on the document that was sent, not on the merged one: with the sent one as its base the server merges it
 * without undoing what others changed.
 */
function rowEditedMeanwhile(
  row: StoredDesign,
  sent: Sending,
  synced: SyncedDesign,
  seen: VersionVector,
  epoch: string,
): StoredDesign {
  const { report: _, forked: __, ...kept } = row
  const acknowledged: StoredDesign = {
    ...kept,
    epoch,
    baseEtag: synced.etag ?? null,
    baseSeen: seen,
    ...(synced.contents && { baseContents: { ...row.baseContents, ...synced.contents } }),
    sent: null,
    rejected: null,
    conflicts: withConflicts(row, synced),
  }
  // the anchor stays the last version of the server, however often the phone is edited during calls
  const anchor = row.base && !row.anchor ? { anchor: row.base, anchorSeen: row.baseSeen } : {}
  if (!sent.deleted) return { ...acknowledged, base: sent.work, ...anchor }
  // deleted, restored before the answer came, and deleted on the server: the edit is made on the deleted version, knowingly
  if (synced.deleted) return { ...acknowledged, base: null, anchor: null, baseSeen: joined(seen, synced.seen ?? {}) }
  return acknowledged
}

/** A reported version is on the server now; an edit made meanwhile keeps its base, which the server has again. */
function rowAfterReport(row: StoredDesign, synced: SyncedDesign, epoch: string): StoredDesign | undefined {
  if (row.dirty) return { ...row, report: false }
  if (synced.deleted) return undefined
  return synced.document ? adoptedRow(row, synced.document, synced, epoch) : row
}

/**
 * The row of a design that somebody else changed; undefined where they deleted it. A row with edits of its own stays, since the
 * next call merges them. So does one that the server of another history may have lost: it is reported instead.
 */
export function rowAfterPull(before: StoredDesign | undefined, synced: SyncedDesign, answer: Answer): StoredDesign | undefined {
  if (!before) return synced.document && adoptedRow(blankRow(synced.document), synced.document, synced, answer.epoch)
  if (before.dirty) return answer.isOtherHistory && !before.former ? withFormer(before) : before
  if ((answer.isOtherHistory || before.report) && !hasVersionOf(synced, before)) return { ...before, report: true }
  const row = answer.isOtherHistory ? withFormer(before) : before
  if (synced.deleted) return undefined
  return synced.document ? adoptedRow(row, synced.document, synced, answer.epoch) : row
}

/** Whether the server's version of a design includes the one that the phone has; not for sure counts as no. */
function hasVersionOf({ seen, etag }: SyncedDesign, row: StoredDesign): boolean {
  if (seen && row.baseSeen) return includes(seen, row.baseSeen)
  return etag !== undefined && etag !== null && etag === row.baseEtag
}
