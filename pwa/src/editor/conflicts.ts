/** Decides conflicts: the chosen value is an ordinary edit, and the choice is sent to the other devices. */

import { chooseSide, removesDesign, type Side } from '../document/conflict_choice'
import { commitVersion, documentOf } from '../document/store'
import type { ModelArchitecture } from '../generated/wire'
import { type DesignConflict, queueResolution } from '../storage/conflicts'
import { getDesign, removeDesign, saveWork } from '../storage/designs'
import { savePending } from '../storage/pending_edits'
import { syncSoon } from '../sync/sync'

/**
 * Give conflicts of one design the values of one side, in the open design as one edit that can be undone, else in the stored one.
 *
 * Resolves with the design afterwards; undefined where the choice was to remove it, or where it is gone.
 */
export async function resolveConflicts(
  conflicts: readonly [DesignConflict, ...DesignConflict[]],
  choice: Side,
): Promise<ModelArchitecture | undefined> {
  const design = await withChoices(conflicts, choice)
  for (const { id } of conflicts) await queueResolution(id, choice)
  syncSoon('edit')
  return design
}

async function withChoices(
  conflicts: readonly [DesignConflict, ...DesignConflict[]],
  choice: Side,
): Promise<ModelArchitecture | undefined> {
  const [{ designId }] = conflicts
  if (conflicts.some((conflict) => removesDesign(conflict, choice))) {
    await removeDesign(designId)
    return undefined
  }
  const chosen = (design: ModelArchitecture) =>
    conflicts.reduce((now, conflict) => chooseSide(now, { conflict, choice }).design, design)
  const open = documentOf(designId)
  if (open) {
    const design = chosen(open)
    commitVersion(design, choice === 'mine' ? 'Chose your value' : 'Chose the other value')
    await savePending()
    return design
  }
  const row = await getDesign(designId)
  if (!row) return undefined
  const design = chosen(row.work)
  await saveWork(design, row.revision)
  return design
}
