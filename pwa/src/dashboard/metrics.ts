/** The metrics of a run: their numbers as text, and which are charted together. All else about them is in shared_py/metrics.py. */

import table from '../generated/metrics.json' with { type: 'json' }
import type { Metric, TrainingUpdate } from '../generated/wire'
import { exactly, percent, roughly } from '../ui/numbers'

export const METRICS = table as unknown as readonly Metric[]

/** "Policy change · approx. KL": the plain word first, then what practitioners call it. */
export const labelOf = ({ title, term }: Metric): string => (term ? `${title} · ${term}` : title)

/** The number of a metric in an update, the mean where there is one per layer; null where a run has none, or none yet. */
export function numberOf({ path }: Metric, update: TrainingUpdate): number | null {
  let value: unknown = update
  for (const name of path) value = (value as Record<string, unknown> | null | undefined)?.[name]
  if (typeof value === 'number') return value
  const ofLayers = Object.values((value ?? {}) as Record<string, number>)
  return ofLayers.length === 0 ? null : ofLayers.reduce((sum, number) => sum + number, 0) / ofLayers.length
}

/** A number of a metric as text; one that rounds to nothing has no sign. */
export function textOf({ style, digits, unit }: Metric, value: number): string {
  const texts = {
    exact: () => exactly(value),
    rounded: () => roughly(value),
    fixed: () => (Number(value.toFixed(digits)) + 0).toFixed(digits),
    significant: () => value.toPrecision(digits),
    percent: () => percent(value),
  }
  return unit ? `${texts[style]()} ${unit}` : texts[style]()
}

export interface Chart {
  axis: string
  metrics: Metric[]
}

/** One chart per axis that metrics name, in the order of the table. */
export function chartsOf(metrics: readonly Metric[]): Chart[] {
  const axes = new Set(metrics.map(({ axis }) => axis).filter((axis) => axis !== ''))
  return [...axes].map((axis) => ({ axis, metrics: metrics.filter((metric) => metric.axis === axis) }))
}
