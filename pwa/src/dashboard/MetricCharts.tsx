/** Charts of the metrics over the whole run: one per axis, drawn only while they are open. The score has a chart of its own. */

import { useMemo, useState } from 'react'
import type { Metric, TrainingUpdate } from '../generated/wire'
import { LineChart, type LineSeries } from '../ui/LineChart'
import { type Chart, chartsOf, METRICS, numberOf, textOf } from './metrics'

const MARKS = ['line', 'dashed', 'dotted'] as const
const CHARTS = chartsOf(METRICS.filter(({ path }) => path[0] !== 'score'))

export function MetricCharts({ updates }: { updates: readonly TrainingUpdate[] }) {
  const [open, setOpen] = useState(false)
  return (
    <details className="panel figures" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Charts</summary>
      {open && CHARTS.map((chart) => <MetricChart key={chart.axis} chart={chart} updates={updates} />)}
    </details>
  )
}

/** Nothing where the run has no number for any of its metrics. */
function MetricChart({ chart, updates }: { chart: Chart; updates: readonly TrainingUpdate[] }) {
  const steps = useMemo(() => updates.map((update) => update.steps), [updates])
  const lines = useMemo(() => chart.metrics.map((metric, index) => lineOf(metric, index, updates)), [chart, updates])
  const newest = lines.filter(({ label }) => label !== undefined)
  if (newest.length === 0) return null
  return (
    <LineChart
      name={chart.axis}
      summary={newest.map(({ label }) => label).join(', ')}
      title={chart.axis}
      x={steps}
      series={lines}
      emptyText=""
    />
  )
}

/** A metric over the run; its label has the newest value and is left out where there is none. */
function lineOf(metric: Metric, index: number, updates: readonly TrainingUpdate[]): LineSeries & { label?: string } {
  const values = updates.map((update) => numberOf(metric, update))
  const newest = values.findLast((value) => value !== null)
  const label = newest == null ? undefined : `${metric.title} ${textOf(metric, newest)}`
  return { label, values, mark: MARKS[index % MARKS.length] }
}
