/** The live chart of the score, with the scores of random and greedy play as dashed lines. */

import { useMemo } from 'react'
import type { ScoreSeries } from '../runs/run_history'
import { roughly } from '../ui/numbers'
import { type Line, LineChart } from './LineChart'

interface Props {
  series: ScoreSeries
  /** shown while there is nothing to draw */
  emptyText: string
}

export function ScoreChart({ series, emptyText }: Props) {
  const { steps, score, evaluated, greedy, random } = series
  const lines = useMemo(() => linesOf(series), [series])
  const last = score.findLast((value) => value !== null)
  return (
    <LineChart
      name="Score"
      description={last == null ? 'No score yet' : `Mean score of recent games: ${roughly(last)}`}
      steps={steps}
      lines={lines}
      range={(low, high) => [Math.min(0, low ?? 0), Math.max(100, (high ?? 0) * 1.08)]}
      emptyText={emptyText}
      caption={
        <>
          <b>Mean score of</b>
          <span data-line="solid">recent games</span>
          {evaluated.some((value) => value !== null) && <span data-line="dots">test games</span>}
          {greedy !== undefined && <span data-line="dashed">greedy rule {roughly(greedy)}</span>}
          {random !== undefined && <span data-line="dotted">random {roughly(random)}</span>}
        </>
      }
    />
  )
}

function linesOf({ steps, score, evaluated, random, greedy }: ScoreSeries): Line[] {
  const level = (value: number | undefined) => steps.map(() => value ?? null)
  return [
    { style: 'solid', values: score },
    { style: 'dots', values: evaluated },
    { style: 'dotted', values: level(random) },
    { style: 'dashed', values: level(greedy) },
  ]
}
