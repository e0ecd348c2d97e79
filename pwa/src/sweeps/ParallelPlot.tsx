/** Parallel coordinates: one vertical line for each property and one for the score, and one path for each trial. */

import type { ModelArchitecture, Sweep } from '../generated/wire'
import { plotAxes } from './results'
import './parallel-plot.css'

interface Props {
  sweep: Sweep
  design: ModelArchitecture | null
  /** index of the trial that is emphasized */
  chosen: number | undefined
}

const WIDTH = 340
const [TOP, BOTTOM, LEFT, RIGHT] = [30, 190, 34, 306]
const HEIGHT = 212

export function ParallelPlot({ sweep, design, chosen }: Props) {
  const axes = plotAxes(sweep, design)
  const x = (index: number) => LEFT + (index * (RIGHT - LEFT)) / Math.max(1, axes.length - 1)
  const y = (place: number) => BOTTOM - place * (BOTTOM - TOP)
  const pathOf = (trial: number) =>
    axes
      .flatMap(({ places }, index) => {
        const place = places[trial]
        return place === undefined ? [] : [`${x(index).toFixed(1)},${y(place).toFixed(1)}`]
      })
      .join(' ')
  const order = sweep.trials.map((_, index) => index).sort((a, b) => Number(emphasis(a)) - Number(emphasis(b)))
  function emphasis(index: number): boolean {
    return index === chosen || index === sweep.best
  }
  const about = `${sweep.trials.length} runs by ${axes.map(({ title }) => title).join(', ')}; the table below has the numbers`
  return (
    <svg className="parallel-plot" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`Parallel coordinates: ${about}`}>
      {order.map((index) => (
        <polyline
          key={sweep.trials[index]?.run_id}
          points={pathOf(index)}
          data-best={index === sweep.best || undefined}
          data-chosen={index === chosen || undefined}
        />
      ))}
      {axes.map(({ title, bottom, top }, index) => (
        <g key={title} data-end={index === 0 ? 'start' : index === axes.length - 1 ? 'end' : undefined}>
          <line x1={x(index)} x2={x(index)} y1={TOP} y2={BOTTOM} />
          <text x={anchorOf(index, axes.length, x(index))} y={11} className="plot-title">
            {shortened(title, axes.length)}
          </text>
          <text x={anchorOf(index, axes.length, x(index))} y={TOP - 5}>
            {top}
          </text>
          <text x={anchorOf(index, axes.length, x(index))} y={BOTTOM + 14}>
            {bottom}
          </text>
        </g>
      ))}
    </svg>
  )
}

/** Texts of the first and the last line are set from the edge of the plot. */
const anchorOf = (index: number, count: number, middle: number): number =>
  index === 0 ? 2 : index === count - 1 ? WIDTH - 2 : middle

const shortened = (title: string, count: number): string => {
  const room = count <= 2 ? 26 : count === 3 ? 17 : 12
  return title.length > room ? `${title.slice(0, room - 1)}…` : title
}
