/** The designs on this phone, one row each; every edit is one transaction. It merges nothing and calls nobody. */
import type { ModelArchitecture } from '../generated/wire'
import { announce, onChange } from './changes'
import { freshMeta, type StoredDesign, withDatabase } from './database'
import { randomId } from './random_id'

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

/** Store what the person sees; resolves when it is on the disk. Rejects when the phone is full (see `storageState`). */
export async function saveWork(work: ModelArchitecture): Promise<void> {
  const stored = await edit(work.id, (row) =>
    row && !row.deleted && same(row.work, work) ? undefined : { work, deleted: false },
  )
  if (stored && !same(stored.work, work)) throw new Error(`design ${work.id} was not stored as given`)
}

/** Delete a design: the row stays as a tombstone until the server knows; one the server never saw goes at once. */
export async function removeDesign(id: string): Promise<void> {
  await edit(id, (row) => (row && !row.deleted ? { work: row.work, deleted: true } : undefined))
}

/** Forget the conflicts of a design once the person has seen them. */
export async function dismissConflicts(id: string): Promise<void> {
  await withDatabase(async (db) => {
    const tx = db.transaction('designs', 'readwrite')
    const row = await tx.store.get(id)
    if (row) await tx.store.put({ ...row, conflicts: [] })
    await tx.done
  })
  announce({ store: 'designs', ids: [id], local: false })
}

/** Hear which designs changed, also by other tabs, by sync and by the service worker; returns how to stop. */
export function onDesignsChanged(cb: (ids: string[]) => void): () => void {
  return onChange((change) => {
    if (change.store === 'designs') cb(change.ids)
  })
}

type Edit = Pick<StoredDesign, 'work' | 'deleted'>

/** Apply one local edit in one transaction, number it, read it back; undefined when there was nothing to do. */
async function edit(id: string, decide: (row: StoredDesign | undefined) => Edit | undefined): Promise<StoredDesign | undefined> {
  const stored = await withDatabase(async (db) => {
    const tx = db.transaction(['designs', 'meta'], 'readwrite', { durability: 'strict' })
    const designs = tx.objectStore('designs')
    const row = await designs.get(id)
    const edited = decide(row)
    if (!edited) {
      await tx.done
      return undefined
    }
    const meta = (await tx.objectStore('meta').get('sync')) ?? freshMeta(randomId('c'))
    const change = meta.lastChange + 1
    const now = new Date().toISOString()
    await tx.objectStore('meta').put({ ...meta, lastChange: change }, 'sync')
    await designs.put({ ...(row ?? freshRow(id, now)), ...edited, dirty: true, change, updatedAt: now })
    const read = await designs.get(id)
    await tx.done
    return read
  })
  if (stored) announce({ store: 'designs', ids: [id], local: true })
  return stored
}

function freshRow(id: string, now: string): Omit<StoredDesign, 'work' | 'updatedAt'> {
  return {
    id,
    base: null,
    baseEtag: null,
    epoch: null,
    dirty: true,
    change: 0,
    deleted: false,
    sent: null,
    rejected: null,
    conflicts: [],
    createdAt: now,
  }
}

/** Whether two documents say the same; the order of keys is that of whoever wrote them, so it may only err to "different". */
function same(a: ModelArchitecture, b: ModelArchitecture): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
