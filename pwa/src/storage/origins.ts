/**
 * What this page remembers of the designs that it has read. The browser may empty the database while a design is on the screen;
 * the next edit is then sent with the document that it was really made from.
 */
import type { Origin, StoredDesign } from './database'
import { originOfRow } from './rows'
import type { VersionVector } from './vectors'

const MAX_DESIGNS = 50
const MAX_REVISIONS = 8

const origins = new Map<string, Map<number, Origin>>()
const removals = new Map<string, VersionVector>()

/** Remember what the document of a row was made from. */
export function rememberOrigin(row: StoredDesign): void {
  const { id, revision } = row
  const revisions = origins.get(id) ?? new Map<number, Origin>()
  setNewest(revisions, revision, originOfRow(row), MAX_REVISIONS)
  setNewest(origins, id, revisions, MAX_DESIGNS)
}

/** What the document of a revision was made from; undefined where this page did not read it, or long ago. */
export const originOf = (id: string, revision: number): Origin | undefined => origins.get(id)?.get(revision)

/** Forget a design that the person deleted, so that restoring it is no edit of the deleted one. */
export const forgetOrigins = (id: string): boolean => origins.delete(id)

/** Remember the version vector of a design that the server has deleted because this phone did. */
export const rememberRemoval = (id: string, seen: VersionVector): void => setNewest(removals, id, seen, MAX_DESIGNS)

/** The version vector of a design that was deleted here. */
export const removalOf = (id: string): VersionVector | undefined => removals.get(id)

/** Set the entry and make it the newest; the oldest ones go. */
function setNewest<K, V>(map: Map<K, V>, key: K, value: V, limit: number): void {
  map.delete(key)
  map.set(key, value)
  const oldest = map.keys().next()
  if (map.size > limit && !oldest.done) map.delete(oldest.value)
}
