/** Charts of the metrics over the whole run: one per axis, drawn only while they are open. The score has a chart of its own. */

import { useMemo, useState } from 'react'
import type { TrainingUpdate } from '../generated/wire'
import { type Line, LineChart, type LineStyle } from './LineChart'
import { type Chart, chartsOf, METRICS, numberOf, textOf } from './metrics'

const STYLES: readonly LineStyle[] = ['solid', 'dashed', 'dotted']
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
  const lines = useMemo(
    () =>
      chart.metrics.map((metric, index): Line => {
        const values = updates.map((update) => numberOf(metric, update))
        return { style: STYLES[index % STYLES.length] as LineStyle, values }
      }),
    [chart, updates],
  )
  const newest = chart.metrics.flatMap((metric, index) => {
    const value = lines[index]?.values.findLast((number) => number !== null)
    return value == null ? [] : [{ metric, text: textOf(metric, value), style: lines[index]?.style }]
  })
  if (newest.length === 0) return null
  return (
    <LineChart
      name={chart.axis}
      description={newest.map(({ metric, text }) => `${metric.title}: ${text}`).join(', ')}
      steps={steps}
      lines={lines}
      emptyText=""
      caption={
        <>
          <b>{chart.axis}</b>
          {newest.map(({ metric, text, style }) => (
            <span key={metric.title} data-line={style}>
              {metric.title} {text}
            </span>
          ))}
        </>
      }
    />
  )
}
