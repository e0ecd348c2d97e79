/** Designs that were removed on this phone and are back, since another device changed or restored them. */

import { persisted, recordOf } from '../lib/persisted'
import type { StoredDesign } from './database'

/** The names of designs removed on this phone, by id; a design that stays removed stays listed, up to a limit. */
const removals = persisted('model-studio-removed', recordOf<string>)
const MAX_REMEMBERED = 200

/** Remember that a design was removed here. */
export function rememberRemoval(id: string, name: string): void {
  const { [id]: _, ...others } = removals.read()
  removals.write(Object.fromEntries([...Object.entries(others), [id, name]].slice(-MAX_REMEMBERED)))
}

/** Forget it, since this phone restored the design or the person has read that it is back; returns the name that was remembered. */
export function forgetRemoval(id: string): string | undefined {
  const { [id]: removed, ...others } = removals.read()
  if (removed !== undefined) removals.write(others)
  return removed
}

/** Of the designs on this phone those that were removed here and have come back. */
export function returnedOf(designs: readonly StoredDesign[]): StoredDesign[] {
  const removed = removals.read()
  return designs.filter(({ id }) => id in removed)
}
