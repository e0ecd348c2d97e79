/** What a person can vary, and the text of the form as the request of a sweep; no React. */

import { blockOf, metaForm } from '../document/catalogue'
import { namesOf } from '../document/names'
import { editorOf } from '../document/property_values'
import { valueOfField } from '../document/values'
import training from '../generated/training.json' with { type: 'json' }
import type { ModelArchitecture, Property, SweepAxis, SweepSpec, TrainConfig } from '../generated/wire'

export const MAX_AXES = 3
export const MAX_TRIALS = 64

export type Value = NonNullable<SweepAxis['values']>[number]

/** A property or a setting that can be varied. */
export interface Variable {
  key: string
  group: string
  label: string
  form: Property
  axis: Pick<SweepAxis, 'kind' | 'name' | 'component_id'>
  /** what it is now */
  value: Value
}

/** One row of the form: texts are kept as they were typed. */
export interface AxisDraft {
  variable: string
  mode: 'list' | 'range'
  list: string
  low: string
  high: string
  count: string
  scale: 'linear' | 'log'
}

export interface SweepDraft {
  axes: AxisDraft[]
  moves: string
  search: 'grid' | 'random'
  trials: string
  seed: string
  halving: boolean
  minutes: string
}

const settings = training.settings as unknown as Property[]
/** trials are compared after the same number of moves */
const SAME_FOR_ALL = new Set(['total_steps'])

const isVariable = (form: Property): boolean => ['switch', 'choice', 'slider', 'number'].includes(editorOf(form))

/** Everything that can be varied: settings, design-wide values, and the properties of each block. */
export function variablesOf(design: ModelArchitecture, config: TrainConfig): Variable[] {
  const ofSettings = settings
    .filter((form) => isVariable(form) && !SAME_FOR_ALL.has(form.name))
    .map((form): Variable => {
      const value = (config[form.name as keyof TrainConfig] ?? form.default) as Value
      return variable('Training', form, { kind: 'setting', name: form.name }, value)
    })
  const ofDesign = metaForm
    .filter(isVariable)
    .map((form) => variable('Whole design', form, { kind: 'design', name: form.name }, valueIn(design.meta, form)))
  const names = namesOf(design)
  const ofBlocks = design.components.flatMap((component) => {
    return (blockOf(component.type)?.properties ?? [])
      .filter(isVariable)
      .map((form) =>
        variable(
          names.get(component.id) ?? component.id,
          form,
          { kind: 'block', name: form.name, component_id: component.id },
          (valueOfField(component, form.name, design.meta) ?? null) as Value,
        ),
      )
  })
  return [...ofSettings, ...ofDesign, ...ofBlocks]
}

const valueIn = (props: object | undefined, form: Property): Value =>
  ((props as Record<string, unknown> | undefined)?.[form.name] ?? form.default ?? null) as Value

function variable(group: string, form: Property, axis: Variable['axis'], value: Value): Variable {
  return { key: [axis.kind, axis.component_id ?? '', axis.name].join('/'), group, label: form.title, form, axis, value }
}

/** What an axis of a sweep is called: "Learning rate", "Heads of Attention 2". */
export function axisTitle(axis: SweepAxis, design: ModelArchitecture | null): string {
  const component = design?.components.find(({ id }) => id === axis.component_id)
  if (axis.kind === 'block' && component && design) {
    const form = blockOf(component.type)?.properties.find(({ name }) => name === axis.name)
    return `${form?.title ?? axis.name} of ${namesOf(design).get(component.id)}`
  }
  const forms = axis.kind === 'setting' ? settings : metaForm
  return forms.find(({ name }) => name === axis.name)?.title ?? axis.name
}

/** Whether a value is one of a few that are ticked, and which these are. */
export function ticksOf({ form }: Variable): Value[] | undefined {
  if (form.type === 'boolean') return [true, false]
  return form.choices ?? undefined
}

export const wordsOf = (value: Value): string => {
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  if (typeof value === 'number') return Math.abs(value) < 1e-3 && value !== 0 ? value.toExponential() : String(value)
  return value === null ? 'none' : value.replaceAll('_', ' ')
}

/** A row with values around the present one, so that a sweep can be started at once. */
export function draftFor(variable: Variable): AxisDraft {
  const around = nearby(variable)
  return {
    variable: variable.key,
    mode: 'list',
    list: around.map((value) => JSON.stringify(value)).join(', '),
    low: String(around[0] ?? ''),
    high: String(around.at(-1) ?? ''),
    count: '3',
    scale: isSmall(variable) ? 'log' : 'linear',
  }
}

/** Numbers without a grid of steps, such as rates, differ by factors. */
const isSmall = ({ form }: Variable): boolean => form.type === 'number' && form.step === null

function nearby(variable: Variable): Value[] {
  const ticks = ticksOf(variable)
  if (ticks) return ticks
  const { form, value } = variable
  if (typeof value !== 'number') return []
  const factors = form.type === 'integer' ? [0.5, 1, 2] : isSmall(variable) ? [1 / 3, 1, 3] : [0.9, 1]
  const step = form.type === 'integer' ? (form.step ?? 1) : undefined
  const within = (raw: number): number => {
    const stepped = step ? Math.round(raw / step) * step : Number(raw.toPrecision(2))
    return Math.min(form.maximum ?? Number.POSITIVE_INFINITY, Math.max(form.minimum ?? Number.NEGATIVE_INFINITY, stepped))
  }
  return [...new Set(factors.map((factor) => (factor === 1 ? value : within(value * factor))))]
}

/** The values of a list as typed: numbers, or words in quotes as ticks write them. */
export function valuesOf(list: string): Value[] {
  return list
    .split(/[,;\s]+/)
    .filter(Boolean)
    .map((word) => {
      try {
        return JSON.parse(word.replace(/^\+|^\.(?=\d)/, (start) => (start === '.' ? '0.' : ''))) as Value
      } catch {
        return word
      }
    })
}

/** A list with a value ticked or not, in the order of the ticks. */
export function ticked(variable: Variable, list: string, value: Value, on: boolean): string {
  const chosen = new Set(valuesOf(list))
  if (on) chosen.add(value)
  else chosen.delete(value)
  return (ticksOf(variable) ?? [])
    .filter((tick) => chosen.has(tick))
    .map((tick) => JSON.stringify(tick))
    .join(', ')
}

const whole = (text: string, least: number, most: number, name: string): number => {
  const value = Number(text.trim().replace(/[\s,_]/g, ''))
  if (text.trim() === '' || !Number.isInteger(value) || value < least || value > most)
    throw new DraftProblem(`${name}: a whole number from ${least} to ${most} is needed`)
  return value
}

const real = (text: string, name: string): number => {
  const value = Number(text.trim())
  if (text.trim() === '' || !Number.isFinite(value)) throw new DraftProblem(`${name}: a number is needed`)
  return value
}

/** Why the form makes no request, as a sentence. */
export class DraftProblem extends Error {}

const MAX_MOVES = settings.find(({ name }) => name === 'total_steps')?.maximum ?? Number.POSITIVE_INFINITY

/** The request that the form stands for; throws `DraftProblem`. `shared` are the settings that all trials have. */
export function specOf(draft: SweepDraft, variables: readonly Variable[], shared: TrainConfig): SweepSpec {
  const axes = draft.axes.map((row): SweepAxis => {
    const found = variables.find(({ key }) => key === row.variable)
    if (!found) throw new DraftProblem('The design has changed: choose the property again')
    if (row.mode === 'list') return { ...found.axis, values: valuesOf(row.list) }
    const count = draft.search === 'grid' ? whole(row.count, 2, MAX_TRIALS, 'Number of values') : 3
    return {
      ...found.axis,
      low: real(row.low, `${found.label}, from`),
      high: real(row.high, `${found.label}, to`),
      count,
      scale: row.scale,
    }
  })
  const varied = new Set(axes.filter(({ kind }) => kind === 'setting').map(({ name }) => name))
  // the settings of one algorithm do not suit another one: where it is varied, each has its presets
  const kept = varied.has('algorithm') ? [] : Object.entries(shared).filter(([name]) => !varied.has(name))
  return {
    axes,
    settings: { ...Object.fromEntries(kept), total_steps: whole(draft.moves, 1, MAX_MOVES, 'Moves of each run') },
    search: draft.search,
    halving: draft.halving,
    ...(draft.search === 'random' && {
      trials: whole(draft.trials, 1, MAX_TRIALS, 'Number of runs'),
      seed: whole(draft.seed, 0, 2 ** 31 - 1, 'Seed'),
    }),
    ...(draft.minutes.trim() !== '' && { minutes: real(draft.minutes, 'Time limit') }),
  }
}
