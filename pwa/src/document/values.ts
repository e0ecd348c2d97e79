/** What value a property has and where it comes from: the component, the design's defaults or the block. */

import type { Component, Defaults } from '../generated/wire'
import { blockOf, type Property } from './catalogue'
import { patternWords } from './patterns'

export interface Effective {
  value: unknown
  from: 'component' | 'design' | 'block' | 'recipe'
}

/** Whether two values of a property are the same; lists are compared by what they hold. */
export const sameValue = (a: unknown, b: unknown): boolean => Object.is(a, b) || JSON.stringify(a) === JSON.stringify(b)

const metaValue = (meta: Defaults, field: string): unknown => (meta as unknown as Record<string, unknown>)[field]

/** The value of a property and who gave it; null means "worked out", see the property's `default_text`. */
export function effectiveValue(component: Component, form: Property, meta: Defaults): Effective {
  if (component.props[form.name] !== undefined) return { value: component.props[form.name], from: 'component' }
  return inheritedValue(form, meta)
}

/** The value a property has when the component leaves it out. */
export function inheritedValue(form: Property, meta: Defaults): Effective {
  const shared = form.from_meta ? metaValue(meta, form.name) : undefined
  return shared === undefined ? { value: form.default, from: 'block' } : { value: shared, from: 'design' }
}

/** Whether a component would have a value for a property if it left the property out. */
export function isInherited(component: Component, field: string, value: unknown, meta: Defaults): boolean {
  const form = blockOf(component.type)?.properties.find((property) => property.name === field)
  return form !== undefined && sameValue(inheritedValue(form, meta).value, value)
}

/** The value of a field of a component by name, for a property that depends on another. */
export function valueOfField(component: Component, field: string, meta: Defaults): unknown {
  const form = blockOf(component.type)?.properties.find((property) => property.name === field)
  return form ? effectiveValue(component, form, meta).value : metaValue(meta, field)
}

/** One line for a block: its main values. */
export const summaryOf = (component: Component, meta: Defaults, called?: (id: string) => string): string =>
  mainValues(component, meta, called).join(' · ')

/** The first two numbers and choices of a block, in the words of the catalogue; `called` names another component. */
export function mainValues(component: Component, meta: Defaults, called: (id: string) => string = String): string[] {
  const forms = blockOf(component.type)?.properties ?? []
  const found: string[] = []
  for (const form of forms) {
    const { value } = effectiveValue(component, form, meta)
    if (form.type === 'integer' && typeof value === 'number') found.push(`${value} ${shortTitle(form)}`)
    if (form.type === 'string' && typeof value === 'string') found.push(value)
    if (form.type === 'integers' && Array.isArray(value) && value.length > 0) found.push(value.join(' → '))
    if (form.type === 'patterns') found.push(patternWords(value))
    if (form.type === 'component' && typeof value === 'string') found.push(`as ${called(value)}`)
    if (found.length === 2) break
  }
  return found
}

const shortTitle = (form: Property): string => (form.title.split(' ').at(-1) ?? form.name).toLowerCase()
