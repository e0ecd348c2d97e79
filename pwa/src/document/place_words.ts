/** Places in a design, and the values there, in plain words: the sentences of `shared_py/difference.py`, at once and without Python. */

import catalogue from '../generated/messages.json' with { type: 'json' }
import type { Component, ModelArchitecture } from '../generated/wire'
import { blockOf, metaForm, type Property } from './catalogue'
import { findComponent } from './edits'
import { fill } from './messages'
import { nameIn } from './names'
import { type Place, placeOf } from './places'

const { changes } = catalogue

/**
 * Words after the names in some versions of a design; the first that has a component decides what it is called.
 * A component that none of them has is called by its block, where `known` has it.
 */
export class PlaceWords {
  private readonly known = new Map<string, Component>()

  constructor(
    private readonly designs: readonly ModelArchitecture[],
    known: readonly Component[] = [],
  ) {
    for (const component of known) this.known.set(component.id, component)
  }

  /** "Attention 2" */
  name(id: string): string {
    const design = this.designs.find((one) => findComponent(one, id))
    if (design) return nameIn(design, id)
    const last = this.known.get(id)
    return last?.name ?? blockOf(last?.type ?? '')?.title ?? id
  }

  /** `/components/c4/props/n_heads` is "Heads of Attention 2". */
  place(path: string): string {
    const place = placeOf(path)
    switch (place?.of) {
      case 'meta':
        return fill(changes.of_design, { title: metaForm.find(({ name }) => name === place.field)?.title ?? place.field })
      case 'component':
        return this.name(place.id)
      case 'field':
        return fill(changes[place.field], { name: this.name(place.id) })
      case 'property':
        return fill(changes.property, { title: this.form(place)?.title ?? place.field, name: this.name(place.id) })
      case 'inputs':
        return fill(changes.inputs, { name: this.name(place.id) })
      case 'design':
        return 'The design'
      default:
        return changes.design_name
    }
  }

  /** The value at a place: "8", "on", "the default", "removed", "Attention 2" */
  value(path: string, value: unknown): string {
    const place = placeOf(path)
    if (place?.of === 'component' || place?.of === 'design') return absent(value) ? changes.no_component : changes.a_component
    if (place?.of === 'inputs') return this.inputs(place.id, value)
    if (place?.of === 'field' && place.field === 'type') return blockOf(String(value))?.title ?? String(value)
    if (place?.of === 'field' && place.field === 'name' && absent(value)) return changes.no_name
    if (place?.of === 'field' && place.field === 'inside') return absent(value) ? changes.top_level : this.name(String(value))
    if (place?.of === 'property' && this.form(place)?.type === 'component' && typeof value === 'string') return this.name(value)
    return plain(value)
  }

  private inputs(target: string, value: unknown): string {
    if (!Array.isArray(value)) return changes.nothing
    const sources = value.length === 2 && value[1] === target ? value.slice(0, 1) : value
    return sources.map((id) => this.name(String(id))).join(', ') || changes.nothing
  }

  private form({ id, field }: Extract<Place, { of: 'property' }>): Property | undefined {
    const design = this.designs.find((one) => findComponent(one, id))
    const component = design ? findComponent(design, id) : this.known.get(id)
    return blockOf(component?.type ?? '')?.properties.find(({ name }) => name === field)
  }
}

const absent = (value: unknown): boolean => value === null || value === undefined

function plain(value: unknown): string {
  if (absent(value)) return changes.default
  if (typeof value === 'boolean') return value ? changes.on : changes.off
  if (Array.isArray(value)) return value.map(plain).join(', ') || changes.nothing
  if (typeof value !== 'object') return String(value)
  return (
    Object.entries(value as object)
      .map(([name, item]) => `${name} ${plain(item)}`)
      .join(', ') || changes.default
  )
}
