import { render, screen } from '@testing-library/react'
import { afterEach, expect, it, vi } from 'vitest'
import type { ScoreSeries } from '../runs/run_history'
import { stubChartBrowser } from '../ui/test_chart'

const series: ScoreSeries = { steps: [100], score: [900], evaluated: [null], random: undefined, greedy: undefined }

stubChartBrowser()
afterEach(() => void vi.restoreAllMocks())

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

it('names in its legend only what has been played', async () => {
  vi.doMock('uplot', () => ({
    default: vi.fn(
      class {
        setData() {}
        destroy() {}
      },
    ),
  }))
  const { ScoreChart } = await import('./ScoreChart')
  const { container, rerender } = render(<ScoreChart series={series} emptyText="" />)
  const legend = () => container.querySelector('figcaption')?.textContent
  expect(legend()).toBe('Mean score ofrecent games')
  rerender(<ScoreChart series={{ ...series, evaluated: [1200], greedy: 3000, random: 1100 }} emptyText="" />)
  expect(legend()).toBe('Mean score ofrecent gamestest gamesgreedy rule 3,000random 1,100')
})
