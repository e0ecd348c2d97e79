/** The shares of tokens that each expert got over the run, one chart for each mixture of experts. */

import { useMemo } from 'react'
import { useStore } from 'zustand'
import type { TrainingUpdate } from '../generated/wire'
import { type ChartView, chartViewStore, smoothed } from '../runs/chart_view'
import { placesOf } from '../runs/run_history'
import { LineChart, type LineSeries } from '../ui/LineChart'
import { percent } from '../ui/numbers'
import { axisTitle } from './ChartControls'
import { FORMAT } from './ScoreChart'

interface Props {
  updates: readonly TrainingUpdate[]
  titleOf: (id: string) => string
}

export function ExpertCharts({ updates, titleOf }: Props) {
  const layers = Object.keys(updates.at(-1)?.moe?.layers ?? {})
  const boards = updates.at(-1)?.moe?.whole_boards ?? []
  return layers.map((id) => (
    <ExpertChart key={id} id={id} title={titleOf(id)} of={boards.includes(id) ? 'boards' : 'cells'} updates={updates} />
  ))
}

interface ChartProps {
  id: string
  title: string
  of: 'boards' | 'cells'
  updates: readonly TrainingUpdate[]
}

function ExpertChart({ id, title, of, updates }: ChartProps) {
  const view = useStore(chartViewStore)
  const places = useMemo(() => placesOf(updates, view.axis), [updates, view.axis])
  const lines = useMemo(() => linesOf(id, updates, view), [id, updates, view])
  const titles = useMemo(() => ({ x: axisTitle(view.axis), left: `Share of ${of}` }), [view.axis, of])
  return (
    <LineChart
      key={view.axis}
      name={`Expert usage of ${title}`}
      summary={lines.map(({ name, values }) => `${name} ${percent(values.at(-1) ?? 0)}`).join(', ')}
      titles={titles}
      x={places}
      series={lines}
      range={RANGE}
      format={{ value: percent, x: FORMAT[view.axis].x }}
      emptyText=""
    />
  )
}

const RANGE = { left: (_low: number, high: number): [number, number] => [0, Math.min(1, high * 1.1)] }

function linesOf(id: string, updates: readonly TrainingUpdate[], { smooth }: ChartView): (LineSeries & { name: string })[] {
  const count = updates.at(-1)?.moe?.layers[id]?.length ?? 0
  return Array.from({ length: count }, (_, expert) => {
    const values = updates.map((update) => update.moe?.layers[id]?.[expert] ?? null)
    const name = `Expert ${expert + 1}`
    return { label: name, name, values: smooth ? smoothed(values) : values, colour: `--expert-${expert}` }
  })
}
