// @vitest-environment jsdom
import { expect, it, vi } from 'vitest'
import { changeChartView, chartViewStore, smoothed } from './chart_view'

it('smooths by the mean of the values around each, and keeps places without a value', () => {
  expect(smoothed([0, 3, 0, 3])).toEqual([1.5, 1, 2, 1.5])
  expect(smoothed([1, null, 5])).toEqual([1, null, 5])
  expect(smoothed([])).toEqual([])
  const wave = Array.from({ length: 500 }, (_, place) => (place % 2 === 0 ? 0 : 10))
  for (const value of smoothed(wave).slice(20, -20)) expect(value).toBeCloseTo(5, 0)
})

it('keeps how charts are drawn, and takes no nonsense from the storage', async () => {
  changeChartView({ axis: 'minutes' })
  expect(JSON.parse(localStorage.getItem('model-studio-charts') ?? '')).toEqual({ axis: 'minutes', smooth: false })
  expect(chartViewStore.getState().axis).toBe('minutes')
  localStorage.setItem('model-studio-charts', '{"axis":"parsecs","smooth":1}')
  vi.resetModules()
  expect((await import('./chart_view')).chartViewStore.getState()).toEqual({ axis: 'moves', smooth: false })
})
