/** Lines over the moves of a run, drawn by uPlot, with a text for those who cannot see them or have no chart library. */

import { type ReactNode, useEffect, useRef, useState } from 'react'
import type uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { roughly } from '../ui/numbers'
import './chart.css'

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

export type LineStyle = 'solid' | 'dots' | 'dotted' | 'dashed'

export interface Line {
  style: LineStyle
  values: (number | null)[]
}

type Range = (low: number | null, high: number | null) => [number, number]

interface Props {
  /** the accessible name */
  name: string
  /** the newest value in words */
  description: string
  steps: number[]
  /** their number and styles must not change while the chart is shown */
  lines: readonly Line[]
  /** limits of the y axis from the least and the largest value; without it they are fitted to the values */
  range?: Range
  /** shown while there is nothing to draw */
  emptyText: string
  /** what each line is */
  caption: ReactNode
}

export function LineChart({ name, description, steps, lines, range, emptyText, caption }: Props) {
  const box = useRef<HTMLDivElement>(null)
  const chart = useRef<uPlot | null>(null)
  const newest = useRef({ steps, lines, range })
  newest.current = { steps, lines, range }
  const isEmpty = steps.length === 0
  const Plot = usePlot()

  useEffect(() => {
    const element = box.current
    if (!element || isEmpty || !Plot) return
    const draw = () => {
      const { steps, lines, range } = newest.current
      chart.current?.destroy()
      chart.current = new Plot(optionsFor(element, lines, range), rowsOf(steps, lines), element)
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
  }, [isEmpty, Plot])

  useEffect(() => {
    chart.current?.setData(rowsOf(steps, lines))
  }, [steps, lines])

  return (
    <figure className="line-chart">
      <div ref={box} role="img" aria-label={name} aria-description={description} style={{ height: HEIGHT_PX }} />
      {!isEmpty && Plot === null && <p className="quiet chart-wait">The chart could not be loaded. {description}.</p>}
      {isEmpty && <p className="quiet chart-wait">{emptyText}</p>}
      <figcaption hidden={isEmpty}>{caption}</figcaption>
    </figure>
  )
}

const rowsOf = (steps: number[], lines: readonly Line[]): uPlot.AlignedData => [steps, ...lines.map(({ values }) => values)]

function optionsFor(element: HTMLElement, lines: readonly Line[], range: Range | undefined): uPlot.Options {
  const style = getComputedStyle(element)
  const ink = style.getPropertyValue('--ink').trim()
  const quiet = style.getPropertyValue('--ink-3').trim()
  const grid = style.getPropertyValue('--line').trim()
  const font = `11px ${style.fontFamily}`
  const axis = { stroke: quiet, font, grid: { stroke: grid, width: 1 }, ticks: { show: false } }
  const series: Record<LineStyle, uPlot.Series> = {
    solid: { stroke: ink, width: 2, spanGaps: true, points: { show: false } },
    dots: { stroke: ink, width: 0, points: { show: true, size: 6, fill: ink } },
    dotted: { stroke: quiet, width: 1.2, dash: [2, 4], spanGaps: true, points: { show: false } },
    dashed: { stroke: quiet, width: 1.2, dash: [7, 4], spanGaps: true, points: { show: false } },
  }
  return {
    width: element.clientWidth,
    height: HEIGHT_PX,
    padding: [10, 20, 0, 0],
    cursor: { show: false },
    legend: { show: false },
    scales: {
      x: { time: false, range: (_chart, _low, high) => [0, Math.max(1, high ?? 1)] },
      y: range ? { range: (_chart, low, high) => range(low, high) } : {},
    },
    axes: [
      { ...axis, size: 26, grid: { show: false }, values: (_chart, ticks) => ticks.map(roughly), space: 64 },
      { ...axis, size: 52, values: (_chart, ticks) => ticks.map(roughly), space: 36 },
    ],
    series: [{}, ...lines.map(({ style }) => series[style])],
  }
}
