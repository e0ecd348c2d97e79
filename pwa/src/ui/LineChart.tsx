/** A chart of lines over one horizontal axis: every chart of the app. uPlot draws it. */

import { type CSSProperties, type ReactNode, type RefObject, useEffect, useRef, useState } from 'react'
import type uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { atAxis } from './numbers'
import './line-chart.css'
import { onScheme } from './theme'

export interface LineSeries {
  /** its words in the legend */
  label: ReactNode
  /** one value for each of `x`; null where there is none */
  values: readonly (number | null)[]
  /** what the values are counted in, behind the label */
  unit?: string
  /** the vertical axis that it is read on */
  axis?: 'left' | 'right'
  mark?: 'line' | 'points' | 'dashed' | 'dotted'
  /** the name of a colour token, such as `--kind-2` */
  colour?: string
}

/** The ends of an axis for the lowest and the highest of its values. */
type Range = (low: number, high: number) => [number, number]

interface Props {
  /** its accessible name */
  name: string
  /** what it shows, in a sentence for those who do not see it */
  summary: string
  /** what all series have in common, above the legend */
  title?: ReactNode
  x: readonly number[]
  /** series without any value are left out */
  series: readonly LineSeries[]
  /** the ends of the vertical axes; as the values need it where left out */
  range?: { left?: Range; right?: Range }
  /** the text while there is nothing to draw */
  emptyText: string
}

const HEIGHT_PX = 190

export function LineChart({ name, summary, title, x, series, range, emptyText }: Props) {
  const shown = series.filter(({ values }) => values.some((value) => value !== null))
  const empty = x.length === 0
  const { box, failed } = useChart(x, shown, range)
  return (
    <figure className="line-chart">
      <div ref={box} role="img" aria-label={name} aria-description={summary} style={{ height: HEIGHT_PX }} />
      {!empty && failed && <p className="quiet chart-wait">The chart could not be loaded. {summary}.</p>}
      {empty && <p className="quiet chart-wait">{emptyText}</p>}
      <figcaption hidden={empty}>
        {title && <b>{title}</b>}
        {shown.map(({ label, unit, mark = 'line', colour }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a series is its place in the chart
          <span key={index} data-mark={mark} style={colour ? ({ '--series': `var(${colour})` } as CSSProperties) : undefined}>
            {label}
            {unit && `, ${unit}`}
          </span>
        ))}
      </figcaption>
    </figure>
  )
}

type Plot = typeof uPlot

/** Loaded beside the app, which works without it: uPlot throws at once where the browser names a locale that does not exist. */
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

/** Draws into the element of `box`: anew when its series, its width or the colour scheme change; newer values into the same chart. */
function useChart(
  x: readonly number[],
  series: readonly LineSeries[],
  range: Props['range'],
): { box: RefObject<HTMLDivElement | null>; failed: boolean } {
  const box = useRef<HTMLDivElement>(null)
  const chart = useRef<uPlot | null>(null)
  const newest = useRef({ x, series, range })
  newest.current = { x, series, range }
  const empty = x.length === 0
  const look = JSON.stringify(series.map(({ axis, mark, colour }) => [axis, mark, colour]))
  const Plot = usePlot()

  // biome-ignore lint/correctness/useExhaustiveDependencies: another look of the series needs another chart
  useEffect(() => {
    const element = box.current
    if (!element || empty || !Plot) return
    const draw = () => {
      chart.current?.destroy()
      const now = newest.current
      chart.current = new Plot(optionsFor(element, now.series, now.range), rowsOf(now.x, now.series), element)
    }
    draw()
    const resized = new ResizeObserver(() => chart.current?.setSize({ width: element.clientWidth, height: HEIGHT_PX }))
    resized.observe(element)
    const stopScheme = onScheme(draw)
    return () => {
      resized.disconnect()
      stopScheme()
      chart.current?.destroy()
      chart.current = null
    }
  }, [empty, Plot, look])

  useEffect(() => {
    chart.current?.setData(rowsOf(x, series))
  }, [x, series])
  return { box, failed: Plot === null }
}

const rowsOf = (x: readonly number[], series: readonly LineSeries[]): uPlot.AlignedData =>
  [x, ...series.map(({ values }) => values)] as uPlot.AlignedData

function optionsFor(element: HTMLElement, series: readonly LineSeries[], range: Props['range']): uPlot.Options {
  const style = getComputedStyle(element)
  const token = (name: string): string => style.getPropertyValue(name).trim()
  const font = `11px ${style.fontFamily}`
  const axis = { stroke: token('--ink-3'), font, grid: { stroke: token('--line'), width: 1 }, ticks: { show: false } }
  const values: uPlot.Axis.Values = (_chart, ticks) => ticks.map(atAxis)
  const hasRight = series.some((one) => one.axis === 'right')
  return {
    width: element.clientWidth,
    height: HEIGHT_PX,
    padding: [10, hasRight ? 0 : 20, 0, 0],
    cursor: { show: false },
    legend: { show: false },
    scales: {
      x: { time: false, range: (_chart, _low, high) => [0, Math.max(1, high ?? 1)] },
      left: scaleOf(range?.left),
      ...(hasRight && { right: scaleOf(range?.right) }),
    },
    axes: [
      { ...axis, size: 26, grid: { show: false }, values, space: 64 },
      { ...axis, scale: 'left', size: 52, values, space: 36 },
      // one grid is enough, and two would not meet
      ...(hasRight ? [{ ...axis, scale: 'right', side: 1 as const, size: 52, grid: { show: false }, values, space: 36 }] : []),
    ],
    series: [{}, ...series.map((one) => lineOf(one, token))],
  }
}

const scaleOf = (range: Range | undefined): uPlot.Scale =>
  range ? { range: (_chart, low, high) => range(low ?? 0, high ?? 0) } : {}

function lineOf({ axis = 'left', mark = 'line', colour }: LineSeries, token: (name: string) => string): uPlot.Series {
  const stroke = token(colour ?? '--ink')
  const line = { scale: axis, stroke, spanGaps: true, points: { show: false } }
  switch (mark) {
    case 'line':
      return { ...line, width: 2 }
    case 'points':
      return { ...line, width: 0, points: { show: true, size: 6, fill: stroke } }
    case 'dashed':
      return { ...line, width: 1.2, dash: [7, 4] }
    case 'dotted':
      return { ...line, width: 1.2, dash: [2, 4] }
  }
}
