/** How uPlot draws the series of a `LineChart`. */

import type { RefObject } from 'react'
import type uPlot from 'uplot'
import type { AxisTitles, LineSeries, Range } from './LineChart'
import { atAxis } from './numbers'

export const CHART_HEIGHT_PX = 200

/** The part of the horizontal axis that is shown. */
export interface Extent {
  min: number
  max: number
}

interface Drawn {
  series: readonly LineSeries[]
  range: { left?: Range; right?: Range } | undefined
  titles: AxisTitles | undefined
}

/** The columns of the chart: two for a band, one for any other series. */
export const rowsOf = (x: readonly number[], series: readonly LineSeries[]): uPlot.AlignedData =>
  [x, ...series.flatMap(({ values, low }) => (low ? [values, low] : [values]))] as uPlot.AlignedData

export function optionsFor(
  element: HTMLElement,
  { series, range, titles }: Drawn,
  zoom: RefObject<Extent | null>,
): uPlot.Options {
  const style = getComputedStyle(element)
  const token = (name: string): string => style.getPropertyValue(name).trim()
  const font = `11px ${style.fontFamily}`
  const title = { labelFont: font, labelSize: 16, labelGap: 0 }
  const axis = { stroke: token('--ink-3'), font, grid: { stroke: token('--line'), width: 1 }, ticks: { show: false }, ...title }
  const values: uPlot.Axis.Values = (_chart, ticks) => ticks.map(atAxis)
  const hasRight = series.some((one) => one.axis === 'right')
  return {
    width: element.clientWidth,
    height: CHART_HEIGHT_PX,
    padding: [10, hasRight ? 0 : 20, 0, 0],
    cursor: { show: false },
    legend: { show: false },
    scales: {
      x: { time: false, range: (_chart, _low, high) => (zoom.current ? [zoom.current.min, zoom.current.max] : [0, high || 1]) },
      left: scaleOf(range?.left),
      ...(hasRight && { right: scaleOf(range?.right) }),
    },
    axes: [
      { ...axis, size: 24, grid: { show: false }, values, space: 64, ...(titles?.x && { label: titles.x }) },
      { ...axis, scale: 'left', size: roomFor, values, space: 36, ...(titles?.left && { label: titles.left }) },
      // one grid is enough, and two would not meet
      ...(hasRight
        ? [{ ...axis, scale: 'right', side: 1 as const, size: roomFor, grid: { show: false }, values, space: 36 }]
        : []),
    ],
    series: [{}, ...series.flatMap((one) => linesOf(one, token))],
    bands: bandsOf(series, token),
  }
}

const LEAST_ROOM_PX = 46
/** of a digit in 11 px letters */
const DIGIT_PX = 6.4

/** The width that the numbers of an axis need, so that none reaches into its title: "0.00015" is longer than most. */
export function roomFor(_chart: unknown, numbers: readonly string[] | null): number {
  const longest = Math.max(0, ...(numbers ?? []).map((number) => number.length))
  return Math.max(LEAST_ROOM_PX, Math.ceil(longest * DIGIT_PX) + 12)
}

const scaleOf = (range: Range | undefined): uPlot.Scale =>
  range ? { range: (_chart, low, high) => range(low ?? 0, high ?? 0) } : {}

/** The areas between the two columns of each band. */
function bandsOf(series: readonly LineSeries[], token: (name: string) => string): uPlot.Band[] {
  let column = 1
  return series.flatMap(({ low, colour }) => {
    const high = column
    column += low ? 2 : 1
    return low ? [{ series: [high, high + 1], fill: faint(token(colour ?? '--ink')) }] : []
  })
}

/** A colour of the tokens, `#rrggbb`, at 18 % of its strength. */
const faint = (colour: string): string => (/^#[0-9a-f]{6}$/i.test(colour) ? `${colour}2e` : colour)

function linesOf({ axis = 'left', mark = 'line', colour, low }: LineSeries, token: (name: string) => string): uPlot.Series[] {
  const stroke = token(colour ?? '--ink')
  const line = { scale: axis, stroke, spanGaps: true, points: { show: false } }
  if (low)
    return [
      { ...line, width: 0 },
      { ...line, width: 0 },
    ]
  switch (mark) {
    case 'points':
      return [{ ...line, width: 2, points: { show: true, size: 7, fill: stroke } }]
    case 'dashed':
      return [{ ...line, width: 1.2, dash: [7, 4] }]
    case 'dotted':
      return [{ ...line, width: 1.2, dash: [2, 4] }]
    default:
      return [{ ...line, width: 2 }]
  }
}
