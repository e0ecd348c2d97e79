import { render, screen } from '@testing-library/react'
import type uPlot from 'uplot'
import { beforeEach, expect, it, vi } from 'vitest'
import type { LineSeries } from './LineChart'
import { stubChartBrowser } from './test_chart'

/** What was drawn: the options and the rows of every chart, and the rows that were set later. */
const charts: { options: uPlot.Options; rows: unknown[] }[] = []
const destroyed = vi.fn()

class FakePlot {
  constructor(
    public options: uPlot.Options,
    public rows: unknown[],
  ) {
    charts.push(this)
  }
  setData(rows: unknown[]) {
    this.rows = rows
  }
  destroy() {
    destroyed()
  }
}

stubChartBrowser()
beforeEach(() => {
  charts.length = 0
  destroyed.mockReset()
  vi.doMock('uplot', () => ({ default: FakePlot }))
})
async function chartOf(series: LineSeries[], x: number[]) {
  const { LineChart } = await import('./LineChart')
  const element = (lines: LineSeries[], at: number[]) => (
    <LineChart name="Loss" summary="It falls" x={at} series={lines} emptyText="Nothing yet." />
  )
  const { rerender, container } = render(element(series, x))
  return { container, change: (lines: LineSeries[], at: number[]) => rerender(element(lines, at)) }
}

it('draws newer values into the same chart, and another chart once there is one series more', async () => {
  const loss: LineSeries = { label: 'loss', values: [3] }
  const { change } = await chartOf([loss], [100])
  await vi.waitFor(() => expect(charts.map(({ rows }) => rows)).toEqual([[[100], [3]]]))
  change([{ ...loss, values: [3, 2] }], [100, 200])
  expect(charts.map(({ rows }) => rows)).toEqual([
    [
      [100, 200],
      [3, 2],
    ],
  ])
  change(
    [
      { ...loss, values: [3, 2] },
      { label: 'entropy', values: [null, 1], axis: 'right' },
    ],
    [100, 200],
  )
  expect(charts).toHaveLength(2)
  expect(destroyed).toHaveBeenCalledOnce()
  expect(charts[1]?.options.series.map(({ scale }) => scale)).toEqual([undefined, 'left', 'right'])
  expect(charts[1]?.options.axes?.map(({ scale }) => scale)).toEqual([undefined, 'left', 'right'])
})

it('has a legend with units, and leaves out series without values', async () => {
  const { container } = await chartOf(
    [
      { label: 'speed', values: [1], unit: 'moves per second', colour: '--kind-2' },
      { label: 'none', values: [null] },
    ],
    [100],
  )
  expect(container.querySelector('figcaption')?.textContent).toBe('speed, moves per second')
  await vi.waitFor(() => expect(charts[0]?.rows).toEqual([[100], [1]]))
})

it('reads the last value before a place, but none behind the end of a line that ends', async () => {
  const { valueAt } = await import('./LineChart')
  const values = [null, 5, null, 7, null]
  expect([0, 1, 2, 3, 4].map((index) => valueAt({ values }, index))).toEqual([null, 5, 5, 7, 7])
  expect([0, 1, 2, 3, 4].map((index) => valueAt({ values, ends: true }, index))).toEqual([null, 5, 5, 7, null])
})

it('shows its text while it is empty, and draws nothing', async () => {
  await chartOf([], [])
  expect(screen.getByText('Nothing yet.')).toBeDefined()
  expect(screen.getByRole('img', { name: 'Loss' }).getAttribute('aria-description')).toBe('It falls')
  expect(charts).toEqual([])
})
