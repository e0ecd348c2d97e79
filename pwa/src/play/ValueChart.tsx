/** The network's value of each position of a game, with the largest drop marked. */

import { memo, useMemo } from 'react'
import { LineChart } from '../ui/LineChart'
import { plural, roughly } from '../ui/numbers'
import { type Drop, largestDrop } from './inside'
import { useSlowly } from './useSlowly'

const CHART_MS = 500

/** Drawn only when its values have changed. */
const Chart = memo(LineChart)

interface Props {
  values: readonly number[]
  /** the position that is shown */
  index: number
  /** how to show another position; without it there is no button */
  onGoTo?: (index: number) => void
  /** how often it is drawn at most */
  everyMs?: number
}

export function ValueChart({ values, index, onGoTo, everyMs = CHART_MS }: Props) {
  const shown = useSlowly(values, everyMs)
  const drop = useMemo(() => largestDrop(shown), [shown])
  const x = useMemo(() => shown.map((_, at) => at), [shown])
  const now = Math.min(index, shown.length - 1)
  const series = useMemo(() => {
    const only = (places: readonly number[]) => shown.map((value, at) => (places.includes(at) ? value : null))
    return [
      { label: 'Value', values: shown },
      { label: 'Now', values: only([now]), mark: 'points' as const, colour: '--kind-1' },
      ...(drop
        ? [{ label: 'Largest drop', values: only([drop.at, drop.at + 1]), mark: 'points' as const, colour: '--bad' }]
        : []),
    ]
  }, [shown, drop, now])
  return (
    <div className="value-chart">
      <Chart
        name="Value over the game"
        summary={summaryOf(shown, drop)}
        x={x}
        series={series}
        emptyText="The value of each board appears as the game goes on."
      />
      {drop && (
        <p className="quiet">
          {dropWords(drop)}
          {onGoTo && (
            <button type="button" className="button" onClick={() => onGoTo(drop.at)}>
              Show it
            </button>
          )}
        </p>
      )}
    </div>
  )
}

const dropWords = ({ at, from, to }: Drop): string =>
  `Largest drop: from ${roughly(from)} to ${roughly(to)}, with move ${at + 1}.`

function summaryOf(values: readonly number[], drop: Drop | null): string {
  if (values.length === 0) return 'No value yet'
  const last = values.at(-1) as number
  return `The value of ${plural(values.length, 'board')}, now ${roughly(last)}. ${drop ? dropWords(drop) : 'It never fell'}`
}
