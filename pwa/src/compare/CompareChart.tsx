/** The curves of the compared runs in one chart, over moves, time or processor time. */

import { useMemo, useState } from 'react'
import { smoothed } from '../runs/chart_view'
import { LineChart, type LineSeries } from '../ui/LineChart'
import { exactly, roughly } from '../ui/numbers'
import type { Shown } from './CompareScreen'
import { type Aligned, type Axis, aligned, type Measure, placeOn } from './curves'
import { colourOf, letterOf } from './RunKey'
import '../dashboard/chart-controls.css'

const AXES: readonly [Axis, string, string][] = [
  ['moves', 'Moves', 'Moves'],
  ['minutes', 'Time', 'Minutes trained'],
  ['processor', 'Processor', 'Minutes of processor time'],
]
const MEASURES: readonly [Measure, string][] = [
  ['training', 'Training score'],
  ['tests', 'Test score'],
]
const minutes = (place: number): string => `${place.toFixed(1)} min`
const FORMAT = {
  moves: { value: (points: number) => exactly(Math.round(points)), x: (moves: number) => `${exactly(Math.round(moves))} moves` },
  minutes: { value: (points: number) => exactly(Math.round(points)), x: minutes },
  processor: { value: (points: number) => exactly(Math.round(points)), x: (place: number) => `${minutes(place)} of processor` },
}
const RANGE = { left: (low: number, high: number): [number, number] => [Math.min(0, low), Math.max(100, high * 1.08)] }

export function CompareChart({ shown }: { shown: readonly Shown[] }) {
  const [axis, setAxis] = useState<Axis>('moves')
  const [measure, setMeasure] = useState<Measure>('training')
  const curves = useMemo(
    () =>
      aligned(
        shown.map(({ record }) => record),
        axis,
        measure,
      ),
    [shown, axis, measure],
  )
  const series = useMemo(() => linesOf(shown, curves, measure), [shown, curves, measure])
  const titles = useMemo(() => ({ x: AXES.find(([name]) => name === axis)?.[2] ?? '', left: 'Score' }), [axis])
  const unmeasured = shown.filter(({ record }) => !record.points.some((point) => placeOn(axis, point) !== null))
  return (
    <section className="compare-section" aria-label="Curves">
      <LineChart
        key={`${axis} ${measure}`}
        name="Score of the compared runs"
        summary={summaryOf(shown, curves)}
        titles={titles}
        x={curves.x}
        series={series}
        range={RANGE}
        format={FORMAT[axis]}
        emptyText={measure === 'tests' ? 'None of these runs has test games here.' : 'None of these runs has a score here.'}
      />
      {axis === 'processor' && unmeasured.length > 0 && (
        <p className="quiet">
          {unmeasured.map(({ index }) => letterOf(index)).join(', ')}: trained before processor time was measured, so not drawn
          here.
        </p>
      )}
      <div className="chart-controls compare-controls">
        <Choice label="Horizontal axis" name="compare-axis" options={AXES} chosen={axis} onChoose={setAxis} />
        <Choice label="Score" name="compare-measure" options={MEASURES} chosen={measure} onChoose={setMeasure} />
      </div>
    </section>
  )
}

interface ChoiceProps<T extends string> {
  label: string
  name: string
  options: readonly (readonly [T, string, string?])[]
  chosen: T
  onChoose: (value: T) => void
}

function Choice<T extends string>({ label, name, options, chosen, onChoose }: ChoiceProps<T>) {
  return (
    <fieldset aria-label={label}>
      {options.map(([value, title]) => (
        <label key={value}>
          <input type="radio" name={name} checked={chosen === value} onChange={() => onChoose(value)} />
          {title}
        </label>
      ))}
    </fieldset>
  )
}

/** The score of a training jumps from game to game and is smoothed; test games are few and stay as they are. */
function linesOf(shown: readonly Shown[], { values }: Aligned, measure: Measure): LineSeries[] {
  return shown.map(({ index }, place) => {
    const own = values[place] ?? []
    const label = letterOf(index)
    return measure === 'tests'
      ? { label, values: own, mark: 'points', colour: colourOf(index), ends: true }
      : { label, values: smoothed(own), colour: colourOf(index), ends: true }
  })
}

function summaryOf(shown: readonly Shown[], { values }: Aligned): string {
  const parts = shown.flatMap(({ index }, place) => {
    const last = values[place]?.findLast((value) => value !== null)
    return last == null ? [] : [`${letterOf(index)} ${roughly(last)}`]
  })
  return parts.length === 0 ? 'No score yet' : `Mean score at the end: ${parts.join(', ')}`
}
