/** Whether a document has everything that an edit did, so that whoever deletes that document misses nothing of the edit. */
import type { ModelArchitecture } from '../src/generated/wire'
import { canonical } from './canonical'
import { edgeText, type Write } from './ledger'

/** Whether a document has all that an edit changed; false where the edit changed nothing but an order. */
export function isPartOf({ from, to, cut, drawn }: Write, document: ModelArchitecture): boolean {
  if (!to) return false
  const [before, after, there] = [from ? partsOf(from) : new Map<string, string>(), partsOf(to), partsOf(document)]
  const changed = [...new Set([...before.keys(), ...after.keys()])].filter((place) => before.get(place) !== after.get(place))
  const edges = new Set(document.edges.map(edgeText))
  // a wire of a component that is deleted is part of nothing
  const isDrawn = (edge: string): boolean => edges.has(edge) || !edge.split(' ').every((id) => there.has(id))
  return (
    changed.length + cut.length + drawn.length > 0 &&
    changed.every((place) => there.get(place) === after.get(place)) &&
    !cut.some((edge) => edges.has(edge)) &&
    drawn.every(isDrawn)
  )
}

/** Every value of a design by place, structure included; each component is a place of its own too. */
function partsOf({ components, meta, name }: ModelArchitecture): Map<string, string> {
  const parts = new Map<string, string>([['design/name', canonical(name)]])
  const note = (place: string, values: object): void => {
    for (const [key, value] of Object.entries(values)) parts.set(`${place}/${key}`, canonical(value))
  }
  note('meta', meta)
  for (const { id, props, ...fields } of components) {
    parts.set(id, '')
    note(id, fields)
    note(`${id}/props`, props ?? {})
  }
  return parts
}
