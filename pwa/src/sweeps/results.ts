/** The results of sweeps as rows and as places in a plot; no React. */

import type { ModelArchitecture, Sweep, SweepTrial, TrainConfig } from '../generated/wire'
import { axisTitle, type Value, wordsOf } from './axes'

export interface Row {
  number: number
  trial: SweepTrial
  best: boolean
}

/** The trials, the best first; those without a score last, in their order. */
export function rowsOf(sweep: Sweep): Row[] {
  const rows = sweep.trials.map((trial, index): Row => ({ number: index + 1, trial, best: index === sweep.best }))
  return rows.sort((a, b) => rank(b) - rank(a) || a.number - b.number)
}

const rank = ({ trial, best }: Row): number => (best ? Number.POSITIVE_INFINITY : (trial.score ?? -1))

/** How a trial stands, in a word or two. */
export function stateOf({ phase, outcome, scores }: SweepTrial): string {
  if (outcome === 'finished') return 'finished'
  if (outcome === 'stopped_early') return 'stopped early'
  if (outcome === 'stopped') return 'stopped'
  if (outcome === 'failed') return 'failed'
  if (phase === 'held') return 'held'
  if (phase === 'waiting') return 'waiting'
  return scores.length > 0 ? 'goes on' : 'training'
}

/** "3 of 9 runs finished, 5 stopped early" */
export function progressOf({ trials, status, reason }: Sweep): string {
  const count = (outcome: SweepTrial['outcome']) => trials.filter((trial) => trial.outcome === outcome).length
  const ended = trials.filter(({ phase }) => phase === 'ended').length
  const early = count('stopped_early') + trials.filter(({ phase }) => phase === 'held').length
  const parts = [`${count('finished')} of ${trials.length} runs finished`]
  if (early > 0) parts.push(`${early} stopped early`)
  if (count('failed') > 0) parts.push(`${count('failed')} failed`)
  if (status === 'stopped') parts.push('ended by you')
  else if (status === 'running' && ended < trials.length) parts.push('still running')
  return parts.join(', ') + (reason ? `. ${reason}` : '')
}

/** One vertical line of the plot: its title, its ends, and the place of each trial from 0 (below) to 1. */
export interface PlotAxis {
  title: string
  bottom: string
  top: string
  places: (number | undefined)[]
}

/** The lines of the plot: each property in the order it was chosen, then the score. */
export function plotAxes(sweep: Sweep, design: ModelArchitecture | null): PlotAxis[] {
  const axes = sweep.spec.axes.map((axis, index) =>
    plotAxis(
      axisTitle(axis, design),
      sweep.trials.map(({ values }) => values[index] ?? null),
    ),
  )
  return [
    ...axes,
    plotAxis(
      'Score',
      sweep.trials.map(({ score }) => score),
      (score) => String(Math.round(Number(score))),
    ),
  ]
}

const WIDE = 20

function plotAxis(title: string, values: readonly Value[], words: (value: Value) => string = wordsOf): PlotAxis {
  const known = values.filter((value) => value !== null)
  const numbers = known.filter((value) => typeof value === 'number')
  if (numbers.length === 0 || numbers.length < known.length) return ordinal(title, values)
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)]
  // numbers of several magnitudes, such as rates, are spaced by factors
  const scale = low > 0 && high / low >= WIDE ? Math.log : (value: number) => value
  const span = scale(high) - scale(low)
  const place = (value: Value) =>
    typeof value === 'number' ? (span === 0 ? 0.5 : (scale(value) - scale(low)) / span) : undefined
  return { title, bottom: words(low), top: high === low ? '' : words(high), places: values.map(place) }
}

function ordinal(title: string, values: readonly Value[]): PlotAxis {
  const different = [...new Set(values)]
  const place = (value: Value) => (different.length === 1 ? 0.5 : different.indexOf(value) / (different.length - 1))
  return {
    title,
    bottom: different.length > 0 ? wordsOf(different[0] as Value) : '',
    top: different.length > 1 ? wordsOf(different.at(-1) as Value) : '',
    places: values.map(place),
  }
}

/** The settings with which a trial differs from a run by the presets. */
export function settingsOf({ spec }: Sweep, { values }: SweepTrial): TrainConfig {
  const varied = spec.axes.flatMap((axis, index) => (axis.kind === 'setting' ? [[axis.name, values[index]] as const] : []))
  return { ...spec.settings, ...Object.fromEntries(varied) }
}
