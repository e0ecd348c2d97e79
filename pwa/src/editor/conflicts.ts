/** Decides conflicts: the chosen value is an ordinary edit, and the other devices are told what was chosen. */

import { chooseSide, removesDesign, type Side } from '../document/conflict_choice'
import { commit, documentOf } from '../document/store'
import type { ModelArchitecture } from '../generated/wire'
import { type DesignConflict, queueResolution } from '../storage/conflicts'
import { getDesign, removeDesign, saveWork } from '../storage/designs'
import { savePending } from '../storage/pending_edits'
import { syncSoon } from '../sync/sync'

/**
 * Give a conflict the value of one side, in the open design as an edit that can be undone, else in the stored one.
 *
 * Resolves with the design afterwards; undefined where the choice was to remove it, or where it is gone.
 */
export async function resolveConflict(conflict: DesignConflict, choice: Side): Promise<ModelArchitecture | undefined> {
  const design = await withChoice(conflict, choice)
  await queueResolution(conflict.id, choice)
  syncSoon('edit')
  return design
}

async function withChoice(conflict: DesignConflict, choice: Side): Promise<ModelArchitecture | undefined> {
  const { designId } = conflict
  if (removesDesign(conflict, choice)) {
    await removeDesign(designId)
    return undefined
  }
  const open = documentOf(designId)
  if (open) {
    const change = chooseSide(open, { conflict, choice })
    commit(change)
    await savePending()
    return change.design
  }
  const row = await getDesign(designId)
  if (!row) return undefined
  const { design } = chooseSide(row.work, { conflict, choice })
  await saveWork(design, row.revision)
  return design
}
