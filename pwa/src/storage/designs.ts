/** The designs on this phone, one row each; every edit is one transaction. */
import type { ModelArchitecture } from '../generated/wire'
import { announce, onChange } from './changes'
import { freshMeta, type StoredDesign, storageWorks, withDatabase } from './database'
import { randomId } from './random_id'
import { blankRow, deletedRow, editedRow } from './rows'
import { sameDocument } from './same_document'
import { indexed } from './sending'

export type { StoredDesign } from './database'
export { newDesignId } from './random_id'

/** Every design that is not deleted, newest change first. */
export async function listDesigns(): Promise<StoredDesign[]> {
  const rows = await withDatabase((db) => db.getAll('designs'))
  return rows.filter((row) => !row.deleted).sort((a, b) => (a.updatedAt < b.updatedAt ? 1 : -1))
}

/** One design, or undefined when there is none or it was deleted. */
export async function getDesign(id: string): Promise<StoredDesign | undefined> {
  const row = await withDatabase((db) => db.get('designs', id))
  return row?.deleted ? undefined : row
}

/**
 * Store what the person sees; resolves when it is on the disk. Rejects when the phone is full (see `storageState`).
 *
 * `revision` is the `StoredDesign.revision` the edited document was read with. An edit made while sync put a merged document
 * in place is then merged with it by the server, and does not undo what others added. Resolves with the revision the next edit
 * of `work` is made on.
 */
export async function saveWork(work: ModelArchitecture, revision?: number): Promise<number> {
  const stored = await edit(work.id, (row, change) => {
    if (row && !row.deleted && sameDocument(row.work, work)) return undefined
    return editedRow(row ?? blankRow(work), work, change, revision)
  })
  if (stored && !sameDocument(stored.work, work)) throw new Error(`design ${work.id} was not stored as it was passed`)
  return stored?.revision ?? (await getDesign(work.id))?.revision ?? 0
}

/** Delete a design: the row stays, hidden, until the server has deleted it too. */
export async function removeDesign(id: string): Promise<void> {
  await edit(id, (row, change) => (row && !row.deleted ? deletedRow(row, change) : undefined))
}

/** Forget the conflicts of a design once the person has seen them. */
export async function dismissConflicts(id: string): Promise<void> {
  await withDatabase(async (db) => {
    const tx = db.transaction('designs', 'readwrite')
    const row = await tx.store.get(id)
    if (row) await tx.store.put(indexed({ ...row, conflicts: [] }))
    await tx.done
  })
  announce({ store: 'designs', ids: [id], local: false })
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
  })
  if (stored) {
    storageWorks()
    announce({ store: 'designs', ids: [id], local: true })
  }
  return stored
}
