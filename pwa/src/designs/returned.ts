/** Designs that were removed on this phone and are back, since another device changed them meanwhile: an edit wins over a delete. */

import { persisted, recordOf } from '../lib/persisted'
import type { StoredDesign } from '../storage/designs'

/** The names of designs removed on this phone, by id; a design that stays removed stays listed, up to a limit. */
const removals = persisted('model-studio-removed', recordOf<string>)
const MAX_REMEMBERED = 200

/** Remember that a design was removed here. */
export function rememberRemoval(id: string, name: string): void {
  const { [id]: _, ...others } = removals.read()
  removals.write(Object.fromEntries([...Object.entries(others), [id, name]].slice(-MAX_REMEMBERED)))
}

/** Forget it: the person restored the design, or has read that it is back. */
export function forgetRemoval(id: string): void {
  const { [id]: removed, ...others } = removals.read()
  if (removed !== undefined) removals.write(others)
}

/** Of the designs on this phone those that were removed here and have come back. */
export function returnedOf(designs: readonly StoredDesign[]): StoredDesign[] {
  const removed = removals.read()
  return designs.filter(({ id }) => id in removed)
}
