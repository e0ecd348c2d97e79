/** What a block on the canvas says of its open conflicts: "Heads: 2 or 8". */

import { blockOf } from '../document/catalogue'
import { findComponent } from '../document/edits'
import { PlaceWords } from '../document/place_words'
import { componentAt, placeOf } from '../document/places'
import type { Conflict, ModelArchitecture } from '../generated/wire'
import type { DesignConflict } from '../storage/conflicts'
import { isKept } from './session'

const known = new WeakMap<readonly (Conflict | DesignConflict)[], ReadonlyMap<string, string>>()

/** One line by component id; the same object for the same conflicts. */
export function conflictMarks(
  conflicts: readonly (Conflict | DesignConflict)[],
  design: ModelArchitecture | null,
): ReadonlyMap<string, string> {
  const found = known.get(conflicts) ?? collect(conflicts, design)
  known.set(conflicts, found)
  return found
}

function collect(
  conflicts: readonly (Conflict | DesignConflict)[],
  design: ModelArchitecture | null,
): ReadonlyMap<string, string> {
  const marks = new Map<string, string>()
  if (!design) return marks
  const words = new PlaceWords([design])
  for (const conflict of conflicts) {
    const place = placeOf(conflict.path)
    const id = componentAt(place)
    if (id === undefined || !isKept(conflict) || conflict.resolved || marks.has(id)) continue
    // a wire that bypasses a removed block is listed with that block
    if (place?.of === 'inputs' && (conflict.mine === null || conflict.theirs === null)) continue
    const both = `${words.value(conflict.path, conflict.mine)} or ${words.value(conflict.path, conflict.theirs)}`
    marks.set(id, place?.of === 'property' ? `${titleIn(design, id, place.field)}: ${both}` : both)
  }
  return marks
}

function titleIn(design: ModelArchitecture, id: string, field: string): string {
  const forms = blockOf(findComponent(design, id)?.type ?? '')?.properties
  return forms?.find(({ name }) => name === field)?.title ?? field
}
