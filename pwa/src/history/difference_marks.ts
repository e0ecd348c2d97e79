/** What a difference between two versions means for a drawing and as lines of text. */

import { aroundOf, insideOf } from '../document/inside'
import type { DesignDifference, ModelArchitecture } from '../generated/wire'
import { plural } from '../ui/numbers'

export type DrawnAs = 'added' | 'removed' | 'changed'

export interface DifferenceLine {
  kind: DrawnAs | 'other'
  text: string
}

/** The mark of each component; a container with a difference inside is changed. */
export function marksOf(
  { added, removed, changed, reordered }: DesignDifference,
  before: ModelArchitecture,
  after: ModelArchitecture,
): ReadonlyMap<string, DrawnAs> {
  const marks = new Map<string, DrawnAs>()
  const markAround = (design: ModelArchitecture, id: string) => {
    for (const around of aroundOf(design, id)) if (!marks.has(around.id)) marks.set(around.id, 'changed')
  }
  for (const { id } of added) marks.set(id, 'added')
  for (const { id } of removed) marks.set(id, 'removed')
  for (const { id } of [...changed, ...reordered]) marks.set(id, 'changed')
  for (const { id } of [...added, ...changed, ...reordered]) markAround(after, id)
  for (const { id } of removed) markAround(before, id)
  return marks
}

/** One line for each thing that differs, those that matter most first. */
export function linesOf(difference: DesignDifference): DifferenceLine[] {
  const { added, removed, changed, values, wires_added: joined, wires_removed: cut, reordered, moved } = difference
  const line = (kind: DifferenceLine['kind'], text: string): DifferenceLine => ({ kind, text })
  return [
    ...added.map(({ name }) => line('added', `${name} added`)),
    ...removed.map(({ name }) => line('removed', `${name} removed`)),
    ...[...changed.flatMap((one) => one.changes), ...values].map(({ place, before_text, after_text }) =>
      line('changed', `${place}: ${before_text} → ${after_text}`),
    ),
    ...reordered.map(({ name }) => line('changed', `Inputs of ${name} in another order`)),
    ...(joined.length > 0 ? [line('other', `${plural(joined.length, 'connection')} added`)] : []),
    ...(cut.length > 0 ? [line('other', `${plural(cut.length, 'connection')} removed`)] : []),
    ...(moved.length > 0 ? [line('other', `${plural(moved.length, 'block')} moved on the canvas`)] : []),
  ]
}

/** The components to draw: those of a version at the top level, and those that only the other one has. */
export function drawn(version: ModelArchitecture, other: ModelArchitecture | undefined): ModelArchitecture['components'] {
  const known = new Set(version.components.map(({ id }) => id))
  const gone = (other?.components ?? []).filter(({ id }) => !known.has(id))
  return [...version.components, ...gone].filter((component) => insideOf(component) === null)
}
