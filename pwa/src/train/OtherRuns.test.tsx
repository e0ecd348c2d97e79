import { cleanup, fireEvent, render, screen, within } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Run } from '../generated/wire'
import { trainStore } from '../runs/runs'
import { quietRun } from '../runs/test_runs'
import { OtherRuns } from './OtherRuns'

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

it('shows the algorithm, the status and the score of each', () => {
  trainStore.setState({ others: [ended(2), ended(1, { status: 'failed', steps: 0, score: null, best_score: null, config: {} })] })
  render(<OtherRuns onShow={() => {}} />)
  const [first, second] = lines()
  expect(first?.textContent).toMatch(/What a board is worth.*Finished · 1.20 M moves · .*12,345.*best in training/)
  expect(second?.textContent).toMatch(/Which move to make.*Failed · no moves/)
  expect(second?.textContent).not.toContain('best')
})

it('shows the one that is tapped', () => {
  trainStore.setState({ others: [ended(2), ended(1)] })
  const onShow = vi.fn()
  render(<OtherRuns onShow={onShow} />)
  fireEvent.click(within(lines()[1] as HTMLElement).getByRole('button', { name: /What a board is worth/ }))
  expect(trainStore.getState().chosen).toBe('r1')
  expect(onShow).toHaveBeenCalledOnce()
})

it('warns of a run that may have diverged or does not respond, until that is over', () => {
  const hung = ended(2, { status: 'running', responding: false, last_heartbeat_step: 12_345, warning: 'The loss is very large.' })
  trainStore.setState({ others: [hung] })
  const { rerender } = render(<OtherRuns onShow={() => {}} />)
  expect(lines()[0]?.textContent).toContain('Not responding (at 12,345 moves).')
  expect(lines()[0]?.textContent).toContain('Not responding · 1.20 M moves')
  expect(lines()[0]?.textContent).not.toContain('Running')
  expect(lines()[0]?.textContent).toContain('Warning: The loss is very large.')
  trainStore.setState({ others: [{ ...hung, responding: true, warning: null, phase: 'evaluating' }] })
  rerender(<OtherRuns onShow={() => {}} />)
  expect(lines()[0]?.textContent).toContain('Playing test games · 1.20 M moves')
  expect(lines()[0]?.textContent).not.toMatch(/responding|Warning/)
})

it('lists runs of a server that sends neither phase nor heartbeat', () => {
  const { phase, warning, responding, last_heartbeat_step, last_heartbeat_at, ...old } = ended(2, { status: 'running' })
  trainStore.setState({ others: [old as Run] })
  render(<OtherRuns onShow={() => {}} />)
  expect(lines()[0]?.textContent).toContain('Running · 1.20 M moves')
  expect(lines()[0]?.textContent).not.toMatch(/responding|Warning/)
})

it('offers to delete the runs that have ended', () => {
  const states = ['queued', 'running', 'paused', 'stopped', 'finished', 'failed', 'interrupted'] as const
  trainStore.setState({ others: states.slice(0, 5).map((status, number) => ended(number + 1, { status })) })
  render(<OtherRuns onShow={() => {}} />)
  const deletable = lines().map((line) => within(line).queryByRole('button', { name: 'Delete run' }) !== null)
  expect(deletable).toEqual([false, false, false, true, true])
})

it('shows five, and all of them after a tap', () => {
  trainStore.setState({ others: [8, 7, 6, 5, 4, 3, 2].map((number) => ended(number)) })
  render(<OtherRuns onShow={() => {}} />)
  expect(lines()).toHaveLength(5)
  fireEvent.click(screen.getByRole('button', { name: '2 older runs' }))
  expect(lines()).toHaveLength(7)
})
