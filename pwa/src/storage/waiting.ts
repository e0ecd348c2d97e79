/** The designs that the server lacks or has refused, found by an index: nothing else is read. */
import { type StoredDesign, withDatabase } from './database'

export interface WaitingDesigns {
  /** how many rows are to be sent */
  unsent: number
  /** how many rows the server refused as they are */
  refused: number
  firstUnsent: StoredDesign[]
  firstRefused: StoredDesign[]
}

/** Count the rows that wait, and read the first `limit` of each kind: reading hundreds at once would block the page. */
export function readWaiting(limit: number): Promise<WaitingDesigns> {
  return withDatabase(async (db) => {
    const index = db.transaction('designs').store.index('waiting')
    const [unsent, refused, firstUnsent, firstRefused] = await Promise.all([
      index.count('unsent'),
      index.count('refused'),
      index.getAll('unsent', limit),
      index.getAll('refused', limit),
    ])
    return { unsent, refused, firstUnsent, firstRefused }
  })
}
