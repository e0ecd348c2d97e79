import { cleanup, fireEvent, render, screen, within } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Run } from '../generated/wire'
import { OtherRuns } from './OtherRuns'
import { trainStore } from './runs'
import { quietRun } from './test_runs'

vi.mock('../python/client', async () => {
  const { createStore } = await import('zustand/vanilla')
  return { pythonState: createStore(() => ({ status: 'loading' })) }
})

const ended = (number: number, part: Partial<Run> = {}): Run => ({
  ...quietRun,
  id: `r${number}`,
  design_id: 'd1',
  design_hash: '',
  status: 'finished',
  reason: null,
  steps: 1_200_000,
  total_steps: 1_200_000,
  created_at: `2026-11-0${number}T10:00:00Z`,
  started_at: null,
  ended_at: null,
  score: 9000,
  best_score: 12_345,
  config: { algorithm: 'afterstate_td' },
  ...part,
})
const lines = () => within(screen.getByRole('region', { name: 'Other runs' })).getAllByRole('listitem')

beforeEach(() => trainStore.setState({ others: [], chosen: null }))
afterEach(cleanup)

it('is not there where there is only one run', () => {
  render(<OtherRuns onShow={() => {}} />)
  expect(screen.queryByRole('region')).toBeNull()
})

it('tells what each learned, how it ended and what it came to', () => {
  trainStore.setState({ others: [ended(2), ended(1, { status: 'failed', steps: 0, score: null, best_score: null, config: {} })] })
  render(<OtherRuns onShow={() => {}} />)
  const [first, second] = lines()
  expect(first?.textContent).toMatch(/What a board is worth.*Finished · 1.20 M moves · .*12.3k.*best mean/)
  expect(second?.textContent).toMatch(/Which move to make.*Failed · no moves/)
  expect(second?.textContent).not.toContain('best')
})

it('shows the one that is tapped', () => {
  trainStore.setState({ others: [ended(2), ended(1)] })
  const onShow = vi.fn()
  render(<OtherRuns onShow={onShow} />)
  fireEvent.click(within(lines()[1] as HTMLElement).getByRole('button'))
  expect(trainStore.getState().chosen).toBe('r1')
  expect(onShow).toHaveBeenCalledOnce()
})

it('shows five, and all if asked', () => {
  trainStore.setState({ others: [8, 7, 6, 5, 4, 3, 2].map((number) => ended(number)) })
  render(<OtherRuns onShow={() => {}} />)
  expect(lines()).toHaveLength(5)
  fireEvent.click(screen.getByRole('button', { name: '2 older runs' }))
  expect(lines()).toHaveLength(7)
})
