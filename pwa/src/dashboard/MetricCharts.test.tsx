import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, expect, it, vi } from 'vitest'
import type { TrainingUpdate } from '../generated/wire'
import { MetricCharts } from './MetricCharts'
import { MetricList } from './MetricList'

vi.mock('../ui/LineChart', () => ({
  LineChart: ({ name, summary, series }: { name: string; summary: string; series: { values: unknown[] }[] }) => (
    <p role="img" aria-label={name} aria-description={summary}>
      {JSON.stringify(series.map(({ values }) => values))}
    </p>
  ),
}))
afterEach(cleanup)

const update = (metrics: object): TrainingUpdate => metrics as TrainingUpdate
const updates = [update({ steps: 1, loss: 0.5, value_loss: 0.25, moe: null }), update({ steps: 2, loss: 0.4, value_loss: null })]

function open(): void {
  const details = screen.getByRole('group') as HTMLDetailsElement
  details.open = true
  fireEvent(details, new Event('toggle'))
}

it('draws a chart for each axis of which the run has a number, once it is opened', () => {
  render(<MetricCharts updates={updates} />)
  expect(screen.queryByRole('img')).toBeNull()
  open()
  expect(screen.getAllByRole('img').map((chart) => chart.getAttribute('aria-label'))).toEqual(['Loss'])
  const chart = screen.getByRole('img', { name: 'Loss' })
  expect(chart.textContent).toBe('[[0.5,0.4],[null,null],[0.25,null]]')
  expect(chart.getAttribute('aria-description')).toBe('Loss 0.4000, Value loss 0.2500')
})

it('leaves the score to the chart of its own', () => {
  render(<MetricCharts updates={[update({ steps: 1, score: 900 })]} />)
  open()
  expect(screen.queryByRole('img')).toBeNull()
})

it('lists every metric that an update has, with its term and what it means', () => {
  render(<MetricList update={update({ episode: 12, approx_kl: 0.00213, entropy: null })} />)
  const terms = screen.getAllByRole('term', { hidden: true })
  expect(terms.map((term) => term.nextElementSibling?.textContent)).toEqual(['12 games', '0.0021 nats'])
  expect(terms[1]?.textContent).toMatch(/^Policy change · approx\. KLEstimate of KL/)
})
