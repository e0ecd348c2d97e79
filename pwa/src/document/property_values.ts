/** What a property editor does with a value: which editor it is, how it steps, what may be typed; bounds come from the catalogue. */

import type { Property } from './catalogue'
import { patternWords } from './patterns'

type Editor = 'choice' | 'switch' | 'slider' | 'number' | 'numbers' | 'patterns' | 'component'

/** The id of what explains a property. */
export const aboutId = ({ name }: Property): string => `about-${name.replaceAll(' ', '-')}`

const MAX_SLIDER_STOPS = 100

/** The editor that offers only valid values where the catalogue lets one. */
export function editorOf(form: Property): Editor {
  if (form.type === 'boolean') return 'switch'
  if (form.type === 'integers') return 'numbers'
  if (form.type === 'patterns') return 'patterns'
  if (form.type === 'component') return 'component'
  if (form.choices !== null || form.divides !== null) return 'choice'
  const stops = form.minimum !== null && form.maximum !== null && form.step ? (form.maximum - form.minimum) / form.step : Infinity
  return form.type === 'number' && stops <= MAX_SLIDER_STOPS ? 'slider' : 'number'
}

type Parsed = { value: number | undefined } | { problem: string }

/** Read what was typed; undefined means "leave it to the default". A number out of bounds is a value: validation reports it. */
export function parseTyped(text: string, form: Property): Parsed {
  const typed = text.trim().replace(/[\s,_]/g, '')
  if (typed === '') return form.nullable ? { value: undefined } : { problem: 'Needs a number' }
  const value = Number(typed)
  if (!Number.isFinite(value)) return { problem: 'Needs a number' }
  if (form.type === 'integer' && !Number.isInteger(value)) return { problem: 'Needs a whole number' }
  return { value }
}

/** The next value up or down: on the grid of steps, within the bounds; tenfold where there is no step. */
export function stepValue(value: number, form: Property, by: 1 | -1): number {
  const { minimum, maximum, step } = form
  let next: number
  if (step) {
    const origin = minimum !== null && Number.isInteger(minimum / step) ? 0 : (minimum ?? 0)
    const place = (value - origin) / step
    const snapped = by > 0 ? Math.floor(place + 1e-9) + 1 : Math.ceil(place - 1e-9) - 1
    next = tidyFloat(origin + snapped * step)
  } else {
    next = tidyFloat(by > 0 ? value * 10 : value / 10)
  }
  return clamp(next, minimum, maximum)
}

const tidyFloat = (value: number): number => Number(value.toPrecision(12))

const clamp = (value: number, minimum: number | null, maximum: number | null): number =>
  Math.min(maximum ?? Infinity, Math.max(minimum ?? -Infinity, value))

/** Why a value is out of bounds, before anybody was asked; undefined when it is within. */
export function boundsProblem(value: unknown, form: Property): string | undefined {
  if (typeof value !== 'number') return undefined
  if (form.minimum !== null && value < form.minimum) return `At least ${form.minimum}`
  if (form.maximum !== null && value > form.maximum) return `At most ${form.maximum}`
  const onGrid = form.step === null || form.step === 1 || Math.abs(value / form.step - Math.round(value / form.step)) < 1e-9
  return form.type === 'integer' && !onGrid ? `A multiple of ${form.step}` : undefined
}

interface Choice {
  value: string | number
  label: string
  /** a value that is in use although it does not fit */
  unfit?: boolean
}

/** The values a choice offers: the listed ones, or the divisors of what it must divide; the current one is always there. */
export function choicesOf(form: Property, current: unknown, divided: unknown): Choice[] {
  const fitting: (string | number)[] = form.choices ?? divisorsOf(divided, form.minimum ?? 1, form.maximum ?? Infinity)
  const offered: Choice[] = fitting.map((value) => ({ value, label: String(value).replaceAll('_', ' ') }))
  if (current !== null && current !== undefined && !fitting.some((value) => value === current)) {
    offered.push({ value: current as string | number, label: `${current} (does not fit)`, unfit: true })
  }
  return offered
}

function divisorsOf(divided: unknown, minimum: number, maximum: number): number[] {
  if (typeof divided !== 'number' || !Number.isInteger(divided) || divided < 1) return []
  const found: number[] = []
  for (let n = Math.max(1, minimum); n <= Math.min(divided, maximum); n++) if (divided % n === 0) found.push(n)
  return found
}

/** A number as it stands in a field: 1e-5 rather than 0.00001, and nothing for what is worked out. */
export function inputText(value: unknown): string {
  if (Array.isArray(value)) {
    if (Array.isArray(value[0])) return patternWords(value)
    return value.length === 0 ? 'none' : value.join(', ')
  }
  if (typeof value !== 'number') return value === null || value === undefined ? '' : String(value)
  const size = Math.abs(value)
  return size !== 0 && size < 1e-4 ? value.toExponential() : String(value)
}

/** The numbers of a list; what is no list is an empty one. */
export const itemsOf = (value: unknown): number[] => (Array.isArray(value) ? (value as number[]) : [])

/** The form of one number of a list: named after the list and counted from 1. */
export const itemForm = (form: Property, index: number): Property => ({
  ...form,
  name: `${form.name} ${index + 1}`,
  type: 'integer',
  default: null,
  nullable: false,
  max_items: null,
})

/** A sensible number to go on with: as the last one, else as wide as the design, within the bounds and on the grid. */
export function nextItem(form: Property, items: readonly number[], width: number): number {
  const step = form.step ?? 1
  const wanted = items.at(-1) ?? Math.round(width / step) * step
  return Math.min(form.maximum ?? Infinity, Math.max(form.minimum ?? 1, wanted))
}
