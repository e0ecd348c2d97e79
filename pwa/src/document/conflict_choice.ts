/** The edit by which a person decides a conflict: the value of one side is put into the design, as an edit that can be undone. */

import type { Component, Defaults, ModelArchitecture } from '../generated/wire'
import { type Command, change, inputInTheWay, removeComponents } from './commands'
import { Draft, type Edit, findComponent, hasEdge } from './edits'
import { contentOf, insideOf } from './inside'
import { sameValue } from './values'

/** What both sides made of one value; null stands for a value left out, or for something that was removed. */
export interface Disputed {
  /** as the server writes it: `/components/c4/props/n_heads`, `/meta/d_model`, `/name`, and the empty text for a whole design */
  path: string
  mine: unknown
  theirs: unknown
}

export type Side = 'mine' | 'theirs'

/**
 * Put the value of one side into the design. The change has no inverse where the design has that value already, and where it no
 * longer fits because what it is about has gone. `change.design` serves as a preview.
 *
 * A conflict about a whole design (an empty path) changes nothing here; `removesDesign` says which side removes it.
 */
export const chooseSide: Command<{ conflict: Disputed; choice: Side }> = (design, { conflict, choice }) => {
  const summary = choice === 'mine' ? 'Chose your value' : 'Chose the other value'
  const value = conflict[choice]
  const other = conflict[choice === 'mine' ? 'theirs' : 'mine']
  const [, place = '', id = '', field = '', name = ''] = conflict.path.split('/')
  if (place === 'components' && field === '' && value === null) {
    return { ...removeComponents(design, { ids: [id] }), summary }
  }
  return change(design, editsFor(design, { place, id, field, name, value, other }), summary)
}

/** Whether a side chose to remove the whole design. */
export const removesDesign = (conflict: Disputed, choice: Side): boolean => conflict.path === '' && conflict[choice] === null

interface Choice {
  place: string
  id: string
  field: string
  name: string
  value: unknown
  other: unknown
}

function editsFor(design: ModelArchitecture, choice: Choice): Edit[] {
  const { place, id, value } = choice
  if (place === 'name') return typeof value === 'string' ? [{ do: 'name', name: value }] : []
  if (place === 'meta') {
    return typeof value === 'number' && id in design.meta ? [{ do: 'meta', field: id as keyof Defaults, value }] : []
  }
  if (place === 'edges') return editsOfInputs(design, id, value, choice.other)
  if (place !== 'components') return []
  const component = findComponent(design, id)
  if (choice.field === '') return component ? [] : restored(design, value)
  return component ? editsOfComponent(design, component, choice) : []
}

/** A removed component returns without its wires: what it was connected to may have other ones by now. */
function restored(design: ModelArchitecture, value: unknown): Edit[] {
  const component = value as Component
  const inside = insideOf(component)
  const place = inside === null || findComponent(design, inside) ? inside : null
  return [{ do: 'add', component: { ...component, inside: place }, at: design.components.length }]
}

function editsOfComponent(design: ModelArchitecture, component: Component, { field, name, value }: Choice): Edit[] {
  const { id } = component
  switch (field) {
    case 'props':
      return name === '' ? editsOfProps(component, value) : [{ do: 'set', id, field: name, value: value ?? undefined }]
    case 'x':
    case 'y':
      return typeof value === 'number' ? [{ do: 'move', id, x: component.x, y: component.y, [field]: value }] : []
    case 'name':
      return [{ do: 'name_block', id, name: typeof value === 'string' ? value : undefined }]
    case 'inside':
      return mayLieIn(design, id, value) ? [{ do: 'reparent', id, inside: value }] : []
    case 'type':
      return typeof value === 'string' && value !== component.type ? editsOfType(design, component, value) : []
    default:
      return []
  }
}

function editsOfProps({ id, props }: Component, value: unknown): Edit[] {
  const chosen = (value ?? {}) as Record<string, unknown>
  return [...new Set([...Object.keys(props), ...Object.keys(chosen)])]
    .filter((field) => !sameValue(props[field], chosen[field]))
    .map((field) => ({ do: 'set', id, field, value: chosen[field] }))
}

function mayLieIn(design: ModelArchitecture, id: string, container: unknown): container is string | null {
  if (container === null) return true
  if (typeof container !== 'string' || container === id || !findComponent(design, container)) return false
  return !contentOf(design, id).some((child) => child.id === container)
}

/** A component of another type takes the place of this one, with its wires. */
function editsOfType(design: ModelArchitecture, component: Component, type: string): Edit[] {
  const at = design.components.indexOf(component)
  const wires = design.edges.flatMap(([source, target], index): Edit[] =>
    source === component.id || target === component.id ? [{ do: 'connect', source, target, at: index }] : [],
  )
  const { id } = component
  return [{ do: 'remove', id }, { do: 'add', component: { ...component, type }, at }, ...wires]
}

/** The inputs of a component: their order, or one edge that one side drew and that did not fit into the merged design. */
function editsOfInputs(design: ModelArchitecture, target: string, value: unknown, other: unknown): Edit[] {
  if (!isNames(value) && !isNames(other)) return []
  if (value === null && isNames(other)) return [{ do: 'disconnect', source: other[0] ?? '', target }]
  if (other === null && isNames(value)) {
    const full = inputInTheWay(design, target)
    const cut: Edit[] = full === undefined ? [] : [{ do: 'disconnect', source: full, target }]
    return [...cut, { do: 'connect', source: value[0] ?? '', target, at: design.edges.length }]
  }
  return isNames(value) ? editsOfOrder(design, target, value) : []
}

const isNames = (value: unknown): value is string[] => Array.isArray(value) && value.every((name) => typeof name === 'string')

/** The inputs that the design has, in the order of `wanted`; those that `wanted` lacks stay behind them. */
function editsOfOrder(design: ModelArchitecture, target: string, wanted: readonly string[]): Edit[] {
  const inputs = design.edges.filter(([, to]) => to === target).map(([source]) => source)
  const ordered = [...wanted.filter((source) => inputs.includes(source)), ...inputs.filter((source) => !wanted.includes(source))]
  if (sameValue(inputs, ordered)) return []
  const draft = new Draft(design)
  for (const source of inputs) draft.do({ do: 'disconnect', source, target })
  for (const source of ordered) {
    if (!hasEdge(draft.design, source, target)) draft.do({ do: 'connect', source, target, at: draft.design.edges.length })
  }
  return draft.edits
}
