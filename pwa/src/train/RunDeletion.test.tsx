import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { ApiProblem, deleteRun } from '../api/api'
import type { Run } from '../generated/wire'
import { liveState } from '../live/live'
import { OFFLINE_AFTER_MS } from '../platform/useOfflineDebounced'
import { forgetRun } from '../runs/runs'
import { quietRun } from '../runs/test_runs'
import { DeleteRun } from './RunDeletion'

vi.mock('../python/client', async () => {
  const { createStore } = await import('zustand/vanilla')
  return { pythonState: createStore(() => ({ status: 'loading' })) }
})
vi.mock('../api/api', async (original) => ({ ...(await original<object>()), deleteRun: vi.fn() }))
vi.mock('../runs/runs', async (original) => ({ ...(await original<object>()), forgetRun: vi.fn() }))

const run: Run = {
  ...quietRun,
  id: 'r1',
  design_id: 'd1',
  design_hash: '',
  status: 'stopped',
  reason: null,
  steps: 1_200_000,
  total_steps: 2_000_000,
  created_at: new Date().toISOString(),
  started_at: null,
  ended_at: null,
  score: 9000,
  best_score: 12_345,
  config: { algorithm: 'afterstate_td' },
}
const ask = () => fireEvent.click(screen.getByRole('button', { name: 'Delete run' }))
const dialog = () => screen.queryByRole('dialog', { name: 'Delete this run?' })
const answer = (name: string) => {
  const found = [...(dialog()?.querySelectorAll('button') ?? [])].find(({ textContent }) => textContent?.trim() === name)
  return found as HTMLButtonElement
}

beforeEach(() => {
  vi.mocked(deleteRun).mockReset().mockResolvedValue()
  vi.mocked(forgetRun).mockReset().mockResolvedValue()
  liveState.setState({ connected: true })
})
afterEach(() => {
  cleanup()
  vi.useRealTimers()
})

it('names the run, what is deleted and what stays', () => {
  render(<DeleteRun run={run} />)
  ask()
  expect(dialog()?.textContent).toMatch(/What a board is worth.*Stopped · 1.20 M moves · /)
  expect(dialog()?.textContent).toMatch(/score chart, checkpoints and exports are deleted .*The design stays/)
  fireEvent.click(answer('Cancel'))
  expect(dialog()).toBeNull()
  expect(deleteRun).not.toHaveBeenCalled()
})

it('deletes once it is confirmed, and forgets the run', async () => {
  render(<DeleteRun run={run} />)
  ask()
  fireEvent.click(answer('Delete run'))
  expect(answer('Delete run').disabled).toBe(true)
  await vi.waitFor(() => expect(forgetRun).toHaveBeenCalledWith('r1'))
  expect(deleteRun).toHaveBeenCalledExactlyOnceWith('r1')
  expect(dialog()).toBeNull()
})

it('shows why a server refuses, and keeps the run', async () => {
  const detail = 'This run is still training. Stop it first.'
  vi.mocked(deleteRun).mockRejectedValue(new ApiProblem({ status: 409, title: 'Conflict', detail }, { fromServer: true }))
  render(<DeleteRun run={run} />)
  ask()
  fireEvent.click(answer('Delete run'))
  expect((await screen.findByRole('alert')).textContent).toBe(detail)
  expect(forgetRun).not.toHaveBeenCalled()
  expect(answer('Delete run').disabled).toBe(false)
})

it('shows without a server why it cannot delete, before and after a tap', async () => {
  vi.mocked(deleteRun).mockRejectedValue(new ApiProblem({ status: 0, title: '', detail: '' }))
  vi.useFakeTimers()
  render(<DeleteRun run={run} />)
  ask()
  await act(async () => fireEvent.click(answer('Delete run')))
  expect(screen.getByRole('alert').textContent).toContain('The server cannot be reached, and runs are kept there.')
  expect(forgetRun).not.toHaveBeenCalled()
  cleanup()
  liveState.setState({ connected: false })
  render(<DeleteRun run={run} />)
  ask()
  act(() => vi.advanceTimersByTime(OFFLINE_AFTER_MS))
  expect(screen.getByRole('alert').textContent).toContain('The server cannot be reached, and runs are kept there.')
  expect(answer('Delete run').disabled).toBe(true)
})

it('is not offered while the run is active', () => {
  const { rerender } = render(<DeleteRun run={{ ...run, status: 'paused' }} />)
  expect(screen.queryByRole('button')).toBeNull()
  rerender(<DeleteRun run={{ ...run, status: 'interrupted' }} />)
  expect(screen.getByRole('button', { name: 'Delete run' })).toBeTruthy()
})
