/** The designs on this phone, one row each; every edit is one transaction. */
import type { ModelArchitecture } from '../generated/wire'
import { announce, onChange } from './changes'
import { conflictsOf, type DesignConflict, openConflicts } from './conflicts'
import { freshMeta, type Origin, type StoredDesign, storageWorks, withDatabase } from './database'
import { forgetOrigins, originOf, rememberOrigin, removalOf } from './origins'
import { randomId } from './random_id'
import { forgetRemoval } from './returned'
import { blankRow, deletedRow, editedRow } from './rows'
import { sameDocument } from './same_document'
import { indexed } from './sending'
import { unstored } from './unstored'

export { dismissConflicts } from './conflicts'
export type { StoredDesign } from './database'
export { newDesignId } from './random_id'

// few enough that reading them holds up the page for some milliseconds only
const ROWS_AT_ONCE = 25

/** Every design that is not deleted, newest change first; with edits of this page that could not be stored yet. */
export async function listDesigns(): Promise<StoredDesign[]> {
  const rows = new Map<string, StoredDesign>()
  let after: IDBKeyRange | undefined
  for (;;) {
    const batch = await withDatabase((db) => db.getAll('designs', after, ROWS_AT_ONCE))
    for (const row of batch) rows.set(row.id, row)
    const last = batch.at(-1)
    if (!last || batch.length < ROWS_AT_ONCE) break
    after = IDBKeyRange.lowerBound(last.id, true)
  }
  const conflicts = await openConflicts()
  const ids = new Set([...rows.keys(), ...unstored.keys()])
  return [...ids].flatMap((id) => visible(id, rows.get(id), conflicts.get(id)) ?? []).sort(newestFirst)
}

/** Newest first by a number that grows, since clocks are put back; rows of older versions of the app have only a time. */
function newestFirst(a: StoredDesign, b: StoredDesign): number {
  if (a.order !== b.order) return (b.order ?? 0) - (a.order ?? 0)
  return a.updatedAt === b.updatedAt ? 0 : a.updatedAt < b.updatedAt ? 1 : -1
}

/** The designs that were deleted here and that the server still has, in the order of their ids. */
export async function listRemoved(): Promise<StoredDesign[]> {
  return (await withDatabase((db) => db.getAll('designs'))).filter(({ deleted }) => deleted)
}

/** One design, or undefined when there is none or it was deleted; an edit of this page that could not be stored yet is in it. */
export async function getDesign(id: string): Promise<StoredDesign | undefined> {
  const row = await withDatabase((db) => db.get('designs', id))
  if (row && !row.deleted) rememberOrigin(row)
  return visible(
    id,
    row,
    (await conflictsOf(id)).filter(({ dismissed }) => !dismissed),
  )
}

/** The row as the person sees it: with an edit that is in memory only, and with the conflicts whose notice is open. */
function visible(id: string, stored: StoredDesign | undefined, open: DesignConflict[] = []): StoredDesign | undefined {
  const edit = unstored.get(id)
  const row = edit
    ? { ...(stored ?? blankRow(edit.work)), work: edit.work, revision: edit.revision, dirty: true, deleted: false }
    : stored
  if (!row || row.deleted || open.length === 0) return row?.deleted ? undefined : row
  return { ...row, conflicts: [...row.conflicts, ...open] }
}

/**
 * Store what the person sees; resolves when it is on the disk. Rejects when the phone is full (see `storageState`).
 *
 * `revision` is the `StoredDesign.revision` the edited document was read with. An edit made while sync put a merged document
 * in place is then merged with it by the server, and does not undo what others added. Resolves with the revision the next edit
 * of `work` is made on.
 */
export async function saveWork(work: ModelArchitecture, revision?: number): Promise<number> {
  const waiting = unstored.get(work.id)
  if (!waiting) return storeWork(work, revision)
  // an edit that waits for space is part of what is stored here, and must not be stored after it
  const edit = { ...waiting, work, revision: revision ?? waiting.revision }
  unstored.set(work.id, edit)
  const stored = await storeWork(work, edit.revision, edit.origin)
  if (unstored.get(work.id) === edit) unstored.delete(work.id)
  storageWorks()
  return stored
}

/** Store an edit as `saveWork` does, whatever edit waits in memory; `origin` is what its revision was made from, if remembered. */
export async function storeWork(
  work: ModelArchitecture,
  revision?: number,
  origin = revision === undefined ? undefined : originOf(work.id, revision),
): Promise<number> {
  let current = 0
  const stored = await edit(work.id, (row, change) => {
    if (row) current = row.revision
    // whatever brings a removed design back here is no change of another device
    if (!row || row.deleted) forgetRemoval(work.id)
    if (row && !row.deleted && sameDocument(row.work, work)) return undefined
    return editedRow(row ?? newRow(work, revision, origin), work, change, revision, origin)
  })
  if (stored && !sameDocument(stored.work, work)) throw new Error(`design ${work.id} was not stored as it was passed`)
  if (stored) rememberOrigin(stored)
  return stored?.revision ?? current
}

/** The row of a design that has none: it is new, was deleted, or the browser has emptied the database. */
function newRow(work: ModelArchitecture, revision: number | undefined, origin: Origin | undefined): StoredDesign {
  if (revision !== undefined && origin) return { ...blankRow(work), ...origin, revision }
  const seen = removalOf(work.id)
  return seen ? { ...blankRow(work), baseSeen: seen } : blankRow(work)
}

/** Delete a design: the row stays, hidden, until the server has deleted it too. */
export async function removeDesign(id: string): Promise<void> {
  const waiting = unstored.get(id)
  unstored.delete(id)
  try {
    await edit(id, (row, change) => (row && !row.deleted ? deletedRow(row, change) : undefined))
  } catch (error) {
    if (waiting) unstored.set(id, waiting)
    throw error
  }
  forgetOrigins(id)
  storageWorks()
}

/** Call `listener` with the ids of changed designs, also those changed by other tabs, sync and the service worker; returns how to stop. */
export function onDesignsChanged(listener: (ids: string[]) => void): () => void {
  return onChange((change) => {
    if (change.store === 'designs') listener(change.ids)
  })
}

type Decide = (row: StoredDesign | undefined, change: number) => StoredDesign | undefined

/** Apply one local edit in one transaction, with the next change number, and read it back; undefined when nothing changed. */
async function edit(id: string, decide: Decide): Promise<StoredDesign | undefined> {
  const stored = await withDatabase(async (db) => {
    const tx = db.transaction(['designs', 'meta'], 'readwrite', { durability: 'strict' })
    try {
      const designs = tx.objectStore('designs')
      const meta = (await tx.objectStore('meta').get('sync')) ?? freshMeta(randomId('c'))
      const change = meta.lastChange + 1
      const edited = decide(await designs.get(id), change)
      if (edited) {
        await tx.objectStore('meta').put({ ...meta, lastChange: change }, 'sync')
        await designs.put(indexed(edited))
      }
      const read = edited && (await designs.get(id))
      await tx.done
      return read
    } catch (error) {
      tx.done.catch(() => {})
      // a request of an aborted transaction fails with `AbortError`, the transaction with the reason
      throw tx.error ?? error
    }
  })
  if (stored) {
    storageWorks()
    announce({ store: 'designs', ids: [id], local: true })
  }
  return stored
}
