/** The designs that the server lacks or has refused, found by an index: nothing else is read. */
import { type StoredDesign, withDatabase } from './database'

/** Rows to be sent, and rows that the server refused as they are. One row is read at a time, so that the page stays responsive. */
export function readWaiting(): Promise<{ unsent: StoredDesign[]; refused: StoredDesign[] }> {
  return withDatabase(async (db) => {
    const { store } = db.transaction('designs')
    const read = async (key: string): Promise<StoredDesign[]> => {
      const rows: StoredDesign[] = []
      for (const id of await store.index('waiting').getAllKeys(key)) rows.push((await store.get(id)) as StoredDesign)
      return rows
    }
    return { unsent: await read('unsent'), refused: await read('refused') }
  })
}
