/** The live chart of the score, with the scores of random and greedy play as levels to compare with. */

import { useMemo } from 'react'
import type { ScoreSeries } from '../runs/run_history'
import { LineChart, type LineSeries } from '../ui/LineChart'
import { roughly } from '../ui/numbers'

interface Props {
  series: ScoreSeries
  /** the text while there is nothing to draw */
  emptyText: string
}

export function ScoreChart({ series, emptyText }: Props) {
  const lines = useMemo(() => linesOf(series), [series])
  const last = series.score.findLast((value) => value !== null)
  const summary = last == null ? 'No score yet' : `Mean score of recent games: ${roughly(last)}`
  return (
    <LineChart
      name="Score"
      summary={summary}
      title="Mean score of"
      x={series.steps}
      series={lines}
      range={RANGE}
      emptyText={emptyText}
    />
  )
}

/** From zero, since the length of a line is read as its score; the first few points are not blown up to the whole height. */
const RANGE = { left: (low: number, high: number): [number, number] => [Math.min(0, low), Math.max(100, high * 1.08)] }

function linesOf({ steps, score, evaluated, random, greedy }: ScoreSeries): LineSeries[] {
  const level = (value: number | undefined) => steps.map(() => value ?? null)
  return [
    { label: 'recent games', values: score },
    { label: 'test games', values: evaluated, mark: 'points' },
    { label: `greedy rule ${roughly(greedy ?? 0)}`, values: level(greedy), mark: 'dashed', colour: '--ink-3' },
    { label: `random ${roughly(random ?? 0)}`, values: level(random), mark: 'dotted', colour: '--ink-3' },
  ]
}
