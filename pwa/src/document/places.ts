/** Places in a design as JSON pointers, as conflicts name them: `/name`, `/meta/d_model`, `/components/c3/props/bias`, … */

import type { Component, Defaults, ModelArchitecture } from '../generated/wire'
import { findComponent } from './edits'
import { inputsOf } from './order'

/** What a pointer points at. */
export type Place =
  | { of: 'design' }
  | { of: 'name' }
  | { of: 'meta'; field: keyof Defaults }
  | { of: 'component'; id: string }
  | { of: 'field'; id: string; field: (typeof FIELDS)[number] }
  | { of: 'property'; id: string; field: string }
  | { of: 'inputs'; id: string }

const FIELDS = ['type', 'x', 'y', 'inside', 'props', 'name'] as const

/** Read a pointer; undefined for one that this version does not know. */
export function placeOf(path: string): Place | undefined {
  if (path === '') return { of: 'design' }
  const [, first, id, name, field] = path.split('/')
  if (first === 'name') return { of: 'name' }
  if (first === 'meta' && id) return { of: 'meta', field: id as keyof Defaults }
  if (first === 'edges' && id) return { of: 'inputs', id }
  if (first !== 'components' || !id) return undefined
  if (name === undefined) return { of: 'component', id }
  if (name === 'props' && field !== undefined) return { of: 'property', id, field }
  const known = FIELDS.find((one) => one === name)
  return known && { of: 'field', id, field: known }
}

/** The value at a place of a design; undefined where there is none. */
export function valueAt(design: ModelArchitecture, place: Place): unknown {
  if (place.of === 'design') return design
  if (place.of === 'name') return design.name
  if (place.of === 'meta') return design.meta[place.field]
  if (place.of === 'inputs') return inputsOf(design, place.id)
  const component = findComponent(design, place.id)
  if (!component || place.of === 'component') return component
  return place.of === 'property' ? component.props[place.field] : fieldOf(component, place.field)
}

const fieldOf = (component: Component, field: keyof Component): unknown =>
  field === 'inside' || field === 'name' ? (component[field] ?? null) : component[field]

/** The component that a place belongs to, if there is one. */
export const componentAt = (place: Place | undefined): string | undefined => (place && 'id' in place ? place.id : undefined)
