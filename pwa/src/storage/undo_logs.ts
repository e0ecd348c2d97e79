/**
 * The undo histories of designs on this phone, in a database of their own: losing it loses no design, and an older version of the
 * app need not know it. Nothing here throws; without the database undo begins anew with every page.
 */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb'

/** The history of one design, as text. */
export interface StoredLog {
  id: string
  /** of the form of `text` */
  version: number
  /** when the row of the design was made: another row with the same id is another design */
  born: string
  text: string
  /** grows with every write */
  order: number
}

interface Schema extends DBSchema {
  logs: { key: string; value: StoredLog; indexes: { order: number } }
}

const NAME = 'model-studio-undo'
/** those of designs that were edited least recently are removed */
export const MAX_LOGS = 20

let opening: Promise<IDBPDatabase<Schema>> | undefined

function open(): Promise<IDBPDatabase<Schema>> {
  opening ??= openDB<Schema>(NAME, 1, {
    upgrade(db) {
      db.createObjectStore('logs', { keyPath: 'id' }).createIndex('order', 'order')
    },
    blocking: () => void closeUndoLogs(),
    terminated() {
      opening = undefined
    },
  }).catch((error: unknown) => {
    opening = undefined
    throw error
  })
  return opening
}

/** Close the database; the next use opens it again. */
export async function closeUndoLogs(): Promise<void> {
  const connection = opening
  opening = undefined
  await connection?.then((db) => db.close()).catch(() => {})
}

/** The history of a design; undefined where none is stored. */
export async function readLog(id: string): Promise<StoredLog | undefined> {
  try {
    return await (await open()).get('logs', id)
  } catch {
    return undefined
  }
}

/** Store the history of a design in the place of the one before. */
export async function writeLog(log: Omit<StoredLog, 'order'>): Promise<void> {
  try {
    const tx = (await open()).transaction('logs', 'readwrite')
    const index = tx.store.index('order')
    const last = await index.openKeyCursor(null, 'prev')
    await tx.store.put({ ...log, order: Number(last?.key ?? 0) + 1 })
    const surplus = (await tx.store.count()) - MAX_LOGS
    if (surplus > 0) for (const { id } of await index.getAll(null, surplus)) await tx.store.delete(id)
    await tx.done
  } catch (error) {
    console.warn('the undo history could not be stored:', error)
  }
}

/** Forget the history of a design. */
export async function removeLog(id: string): Promise<void> {
  try {
    await (await open()).delete('logs', id)
  } catch {
    // it is checked again when it is read
  }
}
