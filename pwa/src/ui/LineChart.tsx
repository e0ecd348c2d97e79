/** A chart of lines over one horizontal axis: every chart of the app. uPlot draws it; a finger reads values off and zooms. */

import { type CSSProperties, type ReactNode, type RefObject, useEffect, useRef, useState } from 'react'
import type uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { CHART_HEIGHT_PX, type Extent, optionsFor, rowsOf } from './chart_options'
import { roughly } from './numbers'
import { useChartGestures } from './useChartGestures'
import './line-chart.css'
import { onScheme } from './theme'

export interface LineSeries {
  /** its words in the legend */
  label: ReactNode
  /** its words beside a value at the finger; `label` where it is left out and a text */
  name?: string
  /** one value for each of `x`; null where there is none */
  values: readonly (number | null)[]
  /** of a band: its lower edge; `values` are its upper one */
  low?: readonly (number | null)[]
  /** what the values are counted in, behind the label */
  unit?: string
  /** the vertical axis that it is read on */
  axis?: 'left' | 'right'
  mark?: 'line' | 'points' | 'dashed' | 'dotted' | 'band'
  /** the name of a colour token, such as `--kind-2` */
  colour?: string
  /** whether it has no value behind its last one, where other series go on */
  ends?: boolean
}

/** The ends of an axis for the lowest and the highest of its values. */
export type Range = (low: number, high: number) => [number, number]

export interface AxisTitles {
  x?: string
  left?: string
}

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
  /** what the axes count */
  titles?: AxisTitles
  /** a value at the finger as text, and a place on the horizontal axis */
  format?: { value?: (value: number) => string; x?: (x: number) => string }
  /** the text while there is nothing to draw */
  emptyText: string
}

export function LineChart({ name, summary, title, x, series, range, titles, format, emptyText }: Props) {
  const shown = series.filter(({ values }) => values.some((value) => value !== null))
  const empty = x.length === 0
  const zoom = useRef<Extent | null>(null)
  const { box, chart, failed } = useChart({ x, series: shown, range, titles }, zoom)
  const { at, isZoomed, resetZoom, handlers } = useChartGestures(chart, zoom, x.length)
  return (
    <figure className="line-chart">
      <div className="chart-plot">
        <div
          ref={box}
          role="img"
          aria-label={name}
          aria-description={summary}
          style={{ height: CHART_HEIGHT_PX }}
          {...(empty ? {} : handlers)}
        />
        {at && x[at.index] !== undefined && <Reading at={at} x={x[at.index] as number} series={shown} format={format} />}
        {isZoomed && (
          <button type="button" className="button chart-reset" onClick={resetZoom}>
            Show all
          </button>
        )}
      </div>
      {!empty && failed && <p className="quiet chart-wait">The chart could not be loaded. {summary}.</p>}
      {empty && <p className="quiet chart-wait">{emptyText}</p>}
      <figcaption hidden={empty}>
        {title && <b>{title}</b>}
        {shown.map(({ label, unit, mark = 'line', colour }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a series is its place in the chart
          <span key={index} data-mark={mark} style={colourOf(colour)}>
            {label}
            {unit && `, ${unit}`}
          </span>
        ))}
      </figcaption>
    </figure>
  )
}

const colourOf = (colour: string | undefined): CSSProperties | undefined =>
  colour ? ({ '--series': `var(${colour})` } as CSSProperties) : undefined

interface ReadingProps {
  at: { index: number; left: number; isLeft: boolean }
  x: number
  series: readonly LineSeries[]
  format: Props['format']
}

/** The values under the finger, on the side of the chart where the finger is not. */
function Reading({ at: { index, left, isLeft }, x, series, format }: ReadingProps) {
  const { value: valueText = roughly, x: placeText = roughly } = format ?? {}
  const rows = series.flatMap((one) => {
    const value = valueAt(one, index)
    const low = one.low && nearestValue(one.low, index)
    if (value === null) return []
    const name = one.name ?? (typeof one.label === 'string' ? one.label : '')
    return [{ one, name, text: low == null ? valueText(value) : `${valueText(low)} – ${valueText(value)}` }]
  })
  return (
    <>
      <i className="chart-finger" style={{ left }} aria-hidden="true" />
      <dl className="chart-reading" data-side={isLeft ? 'right' : 'left'}>
        <div>
          <dt>{placeText(x)}</dt>
        </div>
        {rows.map(({ one, name, text }) => (
          <div key={name} data-mark={one.mark ?? 'line'} style={colourOf(one.colour)}>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </>
  )
}

/** The value of a series at a place; null behind the last one where the series ends with it. */
export function valueAt({ values, ends }: Pick<LineSeries, 'values' | 'ends'>, index: number): number | null {
  const isOver = ends && values.findLastIndex((value) => value !== null) < index
  return isOver ? null : nearestValue(values, index)
}

/** The value at a place; of a series with values only here and there, the last one before it, as its line is read. */
function nearestValue(values: readonly (number | null)[], index: number): number | null {
  for (let place = index; place >= 0; place -= 1) {
    const value = values[place]
    if (value != null) return value
  }
  return null
}

type Plot = typeof uPlot

/** Loaded beside the app, which works without it: uPlot throws at once where the browser names a locale that does not exist. */
const load = () => import('uplot')
const loadingPlot: Promise<Plot | null> = load().then(
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

interface Drawn {
  x: readonly number[]
  series: readonly LineSeries[]
  range: Props['range']
  titles: AxisTitles | undefined
}

/** Draws into the element of `box`: anew when its series, its width or the colour scheme change; newer values into the same chart. */
function useChart(
  drawn: Drawn,
  zoom: RefObject<Extent | null>,
): { box: RefObject<HTMLDivElement | null>; chart: RefObject<uPlot | null>; failed: boolean } {
  const { x, series, titles } = drawn
  const box = useRef<HTMLDivElement>(null)
  const chart = useRef<uPlot | null>(null)
  const newest = useRef(drawn)
  newest.current = drawn
  const empty = x.length === 0
  const look = JSON.stringify([titles, series.map(({ axis, mark, colour }) => [axis, mark, colour])])
  const Plot = usePlot()

  // biome-ignore lint/correctness/useExhaustiveDependencies: another look of the series needs another chart
  useEffect(() => {
    const element = box.current
    if (!element || empty || !Plot) return
    const draw = () => {
      chart.current?.destroy()
      const now = newest.current
      chart.current = new Plot(optionsFor(element, now, zoom), rowsOf(now.x, now.series), element)
    }
    draw()
    const resized = new ResizeObserver(() => chart.current?.setSize({ width: element.clientWidth, height: CHART_HEIGHT_PX }))
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
  return { box, chart, failed: Plot === null }
}
