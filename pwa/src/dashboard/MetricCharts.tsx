/** Charts of the metrics over the whole run: one per axis, drawn only while they are open. The score has a chart of its own. */

import { useMemo, useState } from 'react'
import { useStore } from 'zustand'
import type { Metric, TrainingUpdate } from '../generated/wire'
import { type ChartView, chartViewStore, smoothed } from '../runs/chart_view'
import { placesOf } from '../runs/run_history'
import { LineChart, type LineSeries } from '../ui/LineChart'
import { axisTitle } from './ChartControls'
import { type Chart, chartsOf, METRICS, numberOf, textOf } from './metrics'
import { FORMAT } from './ScoreChart'

const MARKS = ['line', 'dashed', 'dotted'] as const
const COLOURS = ['--ink', '--kind-1', '--kind-3'] as const
const CHARTS = chartsOf(METRICS.filter(({ path }) => path[0] !== 'score'))

export function MetricCharts({ updates }: { updates: readonly TrainingUpdate[] }) {
  const [open, setOpen] = useState(false)
  return (
    <details className="panel figures" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Losses and other curves</summary>
      {open && CHARTS.map((chart) => <MetricChart key={chart.axis} chart={chart} updates={updates} />)}
    </details>
  )
}

/** Nothing where the run has no number for any of its metrics. */
function MetricChart({ chart, updates }: { chart: Chart; updates: readonly TrainingUpdate[] }) {
  const view = useStore(chartViewStore)
  const places = useMemo(() => placesOf(updates, view.axis), [updates, view.axis])
  const lines = useMemo(() => chart.metrics.map((metric, index) => lineOf(metric, index, updates, view)), [chart, updates, view])
  const titles = useMemo(() => ({ x: axisTitle(view.axis), left: chart.axis }), [chart.axis, view.axis])
  const newest = lines.filter(({ label }) => label !== undefined)
  const [metric] = chart.metrics
  if (newest.length === 0 || !metric) return null
  return (
    <LineChart
      key={view.axis}
      name={chart.axis}
      summary={newest.map(({ label }) => label).join(', ')}
      titles={titles}
      x={places}
      series={lines}
      format={{ value: (value) => textOf(metric, value), x: FORMAT[view.axis].x }}
      emptyText=""
    />
  )
}

/** A metric over the run; its label has the newest value and is left out where there is none. */
function lineOf(
  metric: Metric,
  index: number,
  updates: readonly TrainingUpdate[],
  { smooth }: ChartView,
): LineSeries & { label?: string } {
  const values = updates.map((update) => numberOf(metric, update))
  const newest = values.findLast((value) => value !== null)
  const label = newest == null ? undefined : `${metric.title} ${textOf(metric, newest)}`
  return {
    label,
    name: metric.title,
    values: smooth ? smoothed(values) : values,
    mark: MARKS[index % MARKS.length],
    colour: COLOURS[index % COLOURS.length] ?? '--ink',
  }
}
