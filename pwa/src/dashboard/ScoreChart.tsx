/** The live chart of the score, with the scores of random and greedy play as dashed lines. */

import { useEffect, useRef, useState } from 'react'
import type uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { roughly } from '../ui/numbers'
import './chart.css'
import type { ScoreSeries } from '../runs/run_history'

const HEIGHT_PX = 190

type Plot = typeof uPlot

/** Loaded with the app but not needed by it: uPlot throws at once where the browser names a locale that does not exist. */
const loadingPlot: Promise<Plot | null> = import('uplot').then(
  (module) => module.default,
  (error: unknown) => {
    console.warn('the chart cannot be drawn:', error)
    return null
  },
)

/** The chart library; undefined while it is loaded, null where it cannot be. */
function usePlot(): Plot | null | undefined {
  const [plot, setPlot] = useState<{ loaded: Plot | null }>()
  useEffect(() => void loadingPlot.then((loaded) => setPlot({ loaded })), [])
  return plot?.loaded
}

interface Props {
  series: ScoreSeries
  /** what to say while there is nothing to draw */
  wait: string
}

export function ScoreChart({ series, wait }: Props) {
  const box = useRef<HTMLDivElement>(null)
  const chart = useRef<uPlot | null>(null)
  const newest = useRef(series)
  newest.current = series
  const empty = series.steps.length === 0
  const Plot = usePlot()

  useEffect(() => {
    const element = box.current
    if (!element || empty || !Plot) return
    const draw = () => {
      chart.current?.destroy()
      chart.current = new Plot(optionsFor(element), rowsOf(newest.current), element)
    }
    draw()
    const resized = new ResizeObserver(() => chart.current?.setSize({ width: element.clientWidth, height: HEIGHT_PX }))
    resized.observe(element)
    const scheme = window.matchMedia('(prefers-color-scheme: dark)')
    scheme.addEventListener('change', draw)
    return () => {
      resized.disconnect()
      scheme.removeEventListener('change', draw)
      chart.current?.destroy()
      chart.current = null
    }
  }, [empty, Plot])

  useEffect(() => {
    chart.current?.setData(rowsOf(series))
  }, [series])

  const last = series.score.findLast((value) => value !== null)
  const told = last === undefined || last === null ? 'No score yet' : `Mean score of recent games: ${roughly(last)}`
  return (
    <figure className="score-chart">
      <div ref={box} role="img" aria-label="Score" aria-description={told} style={{ height: HEIGHT_PX }} />
      {!empty && Plot === null && <p className="quiet chart-wait">The chart could not be loaded. {told}.</p>}
      {empty && <p className="quiet chart-wait">{wait}</p>}
      <figcaption hidden={empty}>
        <b>Mean score of</b>
        <span data-line="score">recent games</span>
        {series.evaluated.some((value) => value !== null) && <span data-line="evaluated">test games</span>}
        {series.greedy !== undefined && <span data-line="greedy">greedy rule {roughly(series.greedy)}</span>}
        {series.random !== undefined && <span data-line="random">random {roughly(series.random)}</span>}
      </figcaption>
    </figure>
  )
}

function rowsOf({ steps, score, evaluated, random, greedy }: ScoreSeries): uPlot.AlignedData {
  const level = (value: number | undefined) => steps.map(() => value ?? null)
  return [steps, score, evaluated, level(random), level(greedy)]
}

function optionsFor(element: HTMLElement): uPlot.Options {
  const style = getComputedStyle(element)
  const ink = style.getPropertyValue('--ink').trim()
  const quiet = style.getPropertyValue('--ink-3').trim()
  const line = style.getPropertyValue('--line').trim()
  const font = `11px ${style.fontFamily}`
  const axis = { stroke: quiet, font, grid: { stroke: line, width: 1 }, ticks: { show: false } }
  return {
    width: element.clientWidth,
    height: HEIGHT_PX,
    padding: [10, 20, 0, 0],
    cursor: { show: false },
    legend: { show: false },
    scales: {
      x: { time: false, range: (_chart, _low, high) => [0, Math.max(1, high ?? 1)] },
      y: { range: (_chart, low, high) => [Math.min(0, low ?? 0), Math.max(100, (high ?? 0) * 1.08)] },
    },
    axes: [
      { ...axis, size: 26, grid: { show: false }, values: (_chart, ticks) => ticks.map(roughly), space: 64 },
      { ...axis, size: 44, values: (_chart, ticks) => ticks.map(roughly), space: 36 },
    ],
    series: [
      {},
      { stroke: ink, width: 2, spanGaps: true, points: { show: false } },
      { stroke: ink, width: 0, points: { show: true, size: 6, fill: ink } },
      { stroke: quiet, width: 1.2, dash: [2, 4], points: { show: false } },
      { stroke: quiet, width: 1.2, dash: [7, 4], points: { show: false } },
    ],
  }
}
