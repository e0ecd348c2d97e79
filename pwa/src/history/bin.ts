/** Deleted designs: those of the server, and those deleted on this phone that the server does not know of yet. */

import { listBin, restoreFromBin } from '../api/history'
import { sentenceFor } from '../lib/error_sentence'
import { listRemoved, saveWork } from '../storage/designs'
import { syncSoon } from '../sync/sync'

export interface Removed {
  id: string
  name: string
  at: Date
  /** whether this phone has it, so that it can be restored without the server */
  here: boolean
}

export interface Bin {
  list: Removed[]
  /** why this is not all there is */
  trouble: string | undefined
}

const UNREACHABLE = 'The server cannot be reached. It keeps the other removed designs.'

/** The deleted designs, the one deleted last first. */
export async function loadBin(): Promise<Bin> {
  const rows = await listRemoved()
  const own = rows.map(({ id, work, updatedAt }): Removed => ({ id, name: work.name, at: new Date(updatedAt), here: true }))
  const ids = new Set(own.map(({ id }) => id))
  try {
    const kept = (await listBin()).filter(({ id }) => !ids.has(id))
    const others = kept.map(({ id, name, deleted_at }): Removed => ({ id, name, at: new Date(deleted_at), here: false }))
    return { list: [...own, ...others].sort((a, b) => b.at.getTime() - a.at.getTime()), trouble: undefined }
  } catch (error) {
    return { list: own, trouble: sentenceFor(error, { unreachable: UNREACHABLE }) }
  }
}

/** Restore a deleted design: here as an edit, which beats the deletion, else on the server. */
export async function restoreRemoved({ id, here }: Removed): Promise<void> {
  const row = here ? (await listRemoved()).find((one) => one.id === id) : undefined
  if (row) await saveWork(row.work)
  else await restoreFromBin(id)
  syncSoon(row ? 'edit' : 'restored')
}
