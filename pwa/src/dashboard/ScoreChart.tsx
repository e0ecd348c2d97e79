/** The history of the test score with the middle half of its games, beside the training score and the rules it is compared with. */

import { useMemo } from 'react'
import { useStore } from 'zustand'
import { type ChartView, chartViewStore, smoothed } from '../runs/chart_view'
import type { ScoreSeries } from '../runs/run_history'
import { LineChart, type LineSeries } from '../ui/LineChart'
import { exactly, roughly } from '../ui/numbers'
import { axisTitle } from './ChartControls'

interface Props {
  series: ScoreSeries
  /** the text while there is nothing to draw */
  emptyText: string
}

export function ScoreChart({ series, emptyText }: Props) {
  const view = useStore(chartViewStore)
  const lines = useMemo(() => linesOf(series, view), [series, view])
  const titles = useMemo(() => ({ x: axisTitle(view.axis), left: 'Score' }), [view.axis])
  return (
    <LineChart
      key={view.axis}
      name="Score"
      summary={summaryOf(series)}
      titles={titles}
      x={series.x}
      series={lines}
      range={RANGE}
      format={FORMAT[view.axis]}
      emptyText={emptyText}
    />
  )
}

function summaryOf({ score, evaluated }: ScoreSeries): string {
  const tested = evaluated.findLast((value) => value !== null)
  const trained = score.findLast((value) => value !== null)
  const parts = [tested != null && `test games: ${roughly(tested)}`, trained != null && `training games: ${roughly(trained)}`]
  const known = parts.filter((part) => part !== false)
  return known.length === 0 ? 'No score yet' : `Mean score of ${known.join(', of ')}`
}

/** From zero, since the length of a line is read as its score; the first few points are not blown up to the whole height. */
const RANGE = { left: (low: number, high: number): [number, number] => [Math.min(0, low), Math.max(100, high * 1.08)] }

const value = (points: number): string => exactly(Math.round(points))
export const FORMAT = {
  moves: { value, x: (moves: number) => `${exactly(moves)} moves` },
  minutes: { value, x: (minutes: number) => `${minutes.toFixed(1)} min` },
}

function linesOf({ x, score, evaluated, quartiles, random, greedy }: ScoreSeries, { smooth }: ChartView): LineSeries[] {
  const level = (points: number | undefined) => x.map(() => points ?? null)
  return [
    { label: 'middle half of test games', values: quartiles.high, low: quartiles.low, mark: 'band' },
    { label: 'test score', values: evaluated, mark: 'points' },
    { label: 'training score', values: smooth ? smoothed(score) : score, colour: '--kind-1' },
    {
      label: `greedy rule ${roughly(greedy ?? 0)}`,
      name: 'greedy rule',
      values: level(greedy),
      mark: 'dashed',
      colour: '--ink-3',
    },
    { label: `random ${roughly(random ?? 0)}`, name: 'random', values: level(random), mark: 'dotted', colour: '--ink-3' },
  ]
}
