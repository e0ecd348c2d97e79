import { cleanup, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { ScoreSeries } from '../runs/run_history'

const series: ScoreSeries = { steps: [100], score: [900], evaluated: [null], random: undefined, greedy: undefined }

beforeEach(() => {
  vi.resetModules()
  vi.stubGlobal('matchMedia', () => new EventTarget())
  vi.stubGlobal(
    'ResizeObserver',
    class {
      observe() {}
      disconnect() {}
    },
  )
})
afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
  vi.doUnmock('uplot')
})

it('says so where the chart library cannot be loaded, and the score all the same', async () => {
  vi.spyOn(console, 'warn').mockImplementation(() => {})
  Object.defineProperty(navigator, 'language', { get: () => 'C', configurable: true })
  try {
    const { ScoreChart } = await import('./ScoreChart')
    render(<ScoreChart series={series} emptyText="" />)
    expect((await screen.findByText(/could not be loaded/)).textContent).toContain('recent games: 900.')
  } finally {
    Reflect.deleteProperty(navigator, 'language')
  }
})

it('draws the series as soon as the library is loaded, and newer ones into the same chart', async () => {
  const drawn = vi.fn()
  class FakePlot {
    constructor(_: unknown, rows: unknown[]) {
      drawn(rows[0])
    }
    setData(rows: unknown[]) {
      drawn(rows[0])
    }
    destroy() {}
  }
  vi.doMock('uplot', () => ({ default: FakePlot }))
  const { ScoreChart } = await import('./ScoreChart')
  const { rerender } = render(<ScoreChart series={series} emptyText="" />)
  await vi.waitFor(() => expect(drawn).toHaveBeenLastCalledWith([100]))
  rerender(<ScoreChart series={{ ...series, steps: [100, 200], score: [900, 950], evaluated: [null, null] }} emptyText="" />)
  expect(drawn).toHaveBeenLastCalledWith([100, 200])
  expect(screen.queryByText(/could not be loaded/)).toBeNull()
})
