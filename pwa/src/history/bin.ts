/** Deleted designs: those of the server, and those deleted on this phone that the server does not know of yet. */

import { listBin, readRevision, removeForGood, restoreFromBin } from '../api/history'
import type { ModelArchitecture } from '../generated/wire'
import { sentenceFor } from '../lib/error_sentence'
import { listRemoved, saveWork } from '../storage/designs'
import { forgetRemoval, rememberRemoval } from '../storage/returned'
import { syncSoon } from '../sync/sync'

export interface Removed {
  id: string
  name: string
  at: Date
  /** the design, where this phone has it, so that it can be restored without the server */
  work?: ModelArchitecture
  /** the etag of its last version, where the server has it */
  etag?: string
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
  const own = rows.map(({ id, work, updatedAt }): Removed => ({ id, name: work.name, at: new Date(updatedAt), work }))
  const ids = new Set(own.map(({ id }) => id))
  try {
    const kept = (await listBin()).filter(({ id }) => !ids.has(id))
    const others = kept.map(({ id, name, deleted_at, etag }): Removed => ({ id, name, at: new Date(deleted_at), etag }))
    return { list: [...own, ...others].sort((a, b) => b.at.getTime() - a.at.getTime()), trouble: undefined }
  } catch (error) {
    return { list: own, trouble: sentenceFor(error, { unreachable: UNREACHABLE }) }
  }
}

/** Restore a deleted design: here as an edit, which beats the deletion, else on the server. */
export async function restoreRemoved({ id, name, work }: Removed): Promise<void> {
  const row = work ? (await listRemoved()).find((one) => one.id === id) : undefined
  if (row) await saveWork(row.work)
  else await restoreOnServer(id, name)
  syncSoon(row ? 'edit' : 'restored')
}

/** Its removal is forgotten before the call: the design may arrive by a sync before the response does. */
async function restoreOnServer(id: string, name: string): Promise<void> {
  const removedHere = forgetRemoval(id) !== undefined
  try {
    await restoreFromBin(id)
  } catch (error) {
    if (removedHere) rememberRemoval(id, name)
    throw error
  }
}

/** The last version of a deleted design; throws `ApiProblem` where the server has it and cannot be reached. */
export async function lastVersion({ id, work, etag }: Removed): Promise<ModelArchitecture> {
  return work ?? readRevision(id, etag ?? '')
}

/** Remove a deleted design with all its versions from the server. */
export async function removeFromBin({ id }: Removed): Promise<void> {
  await removeForGood(id)
}
