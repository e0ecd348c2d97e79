/** How the charts of runs are drawn: over moves or minutes, smoothed or not; kept on the phone. */

import { createStore } from 'zustand/vanilla'
import { persisted, recordOf } from '../lib/persisted'
import type { ChartAxis } from './run_history'

export interface ChartView {
  axis: ChartAxis
  smooth: boolean
}

const storedView = persisted('model-studio-charts', (stored): ChartView => {
  const { axis, smooth } = recordOf<unknown>(stored)
  return { axis: axis === 'minutes' ? 'minutes' : 'moves', smooth: smooth === true }
})

export const chartViewStore = createStore<ChartView>(storedView.read)

export function changeChartView(part: Partial<ChartView>): void {
  chartViewStore.setState(part)
  storedView.write(chartViewStore.getState())
}

type Values = readonly (number | null)[]

const WINDOW_SHARE = 1 / 25

/** The mean of the values around each, over a twenty-fifth of the chart; a place without a value stays without one. */
export function smoothed(values: Values): (number | null)[] {
  const half = Math.max(1, Math.round((values.length * WINDOW_SHARE) / 2))
  // sums and counts up to each place, so that a long chart takes no longer
  const sums = [0]
  const counts = [0]
  for (const value of values) {
    sums.push((sums.at(-1) as number) + (value ?? 0))
    counts.push((counts.at(-1) as number) + (value === null ? 0 : 1))
  }
  return values.map((value, place) => {
    if (value === null) return null
    const [from, until] = [Math.max(0, place - half), Math.min(values.length, place + half + 1)]
    return ((sums[until] as number) - (sums[from] as number)) / ((counts[until] as number) - (counts[from] as number))
  })
}
