import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Run } from '../generated/wire'
import { liveState } from '../live/live'
import { recordToasts } from '../ui/test_toasts'
import { openRun } from './open_run'
import { eventOf, pillOf } from './pill'
import { RunAnnouncer, RunPill } from './RunPill'
import { runsStore } from './run_cache'
import { trainStore } from './runs'
import { trainingRun } from './test_runs'

vi.mock('./open_run', () => ({ openRun: vi.fn() }))
vi.mock('../python/client', async () => {
  const { createStore } = await import('zustand/vanilla')
  return { pythonState: createStore(() => ({ status: 'loading' })), validate: vi.fn() }
})
vi.mock('../sync/sync', () => ({ syncSoon: vi.fn() }))
vi.mock('../storage/designs', async (original) => ({
  ...(await original<object>()),
  getDesign: async (id: string) => ({ id, work: { name: `Net ${id}` } }),
}))

const toasts = recordToasts()
const run = (id: string, part: Partial<Run> = {}): Run => ({ ...trainingRun, id, ...part })
const show = (...runs: Run[]) => act(async () => runsStore.setState({ runs }))

beforeEach(() => {
  window.location.hash = '#/'
  runsStore.setState({ runs: [] })
  trainStore.setState({ run: null })
  liveState.setState({ connected: true })
})
afterEach(cleanup)

it('shows score and progress of what trains, opens it, and goes when nothing trains', async () => {
  render(<RunPill />)
  expect(screen.queryByRole('button')).toBeNull()
  const r1 = run('r1', { score: 1234, steps: 420 })
  await show(r1)
  const pill = await screen.findByRole('button', { name: 'Net d1 learning · 42 % score 1,234' })
  fireEvent.click(pill)
  expect(openRun).toHaveBeenCalledExactlyOnceWith(r1)
  await show(run('r1', { phase: 'evaluating' }), run('r2', { status: 'queued', design_id: 'd2' }))
  expect(screen.getByRole('button').textContent).toMatch(/testing · 50 %\s*\+1/)
  act(() => liveState.setState({ connected: false }))
  expect(screen.getByRole('button').textContent).toContain('at the last update')
  await show(run('r1', { status: 'finished' }), run('r2', { status: 'paused' }))
  expect(screen.queryByRole('button')).toBeNull()
})

it('is not there on the Train screen of its run, but for another run that trains', async () => {
  render(<RunPill />)
  await show(run('r1'))
  await act(async () => {
    window.location.hash = '#/d/d1/train'
    trainStore.setState({ run: run('r1') })
    window.dispatchEvent(new HashChangeEvent('hashchange'))
  })
  expect(screen.queryByRole('button')).toBeNull()
  await show(run('r2', { design_id: 'd2' }), run('r1'))
  expect(await screen.findByRole('button', { name: /^Net d2 / })).toBeDefined()
})

it('announces politely that a run began, and shows a message when it ends', async () => {
  render(<RunAnnouncer />)
  await show(run('r1'))
  const region = document.querySelector('[aria-live="polite"]')
  expect(region?.textContent).toBe('')
  await show(run('r2', { design_id: 'd2' }), run('r1'))
  await vi.waitFor(() => expect(region?.textContent).toBe('Net d2 has started to learn.'))
  await show(run('r2', { design_id: 'd2', status: 'finished', best_score: 2100 }), run('r1', { status: 'failed' }))
  await vi.waitFor(() => expect(toasts()).toHaveLength(2))
  expect(toasts().map(({ text, tone }) => [text, tone])).toEqual([
    ['Net d2 has finished, best in training 2,100.', 'plain'],
    ['Net d1 has failed: open it to see why.', 'bad'],
  ])
})

it('is silent about the runs of a sweep', async () => {
  render(<RunAnnouncer />)
  await show(run('r1', { sweep_id: 's1' }), run('r2', { design_id: 'd2' }))
  await show(run('r1', { sweep_id: 's1', status: 'stopped' }), run('r2', { design_id: 'd2', status: 'stopped' }))
  await vi.waitFor(() => expect(toasts()).toHaveLength(1))
  expect(toasts()[0]?.text).toMatch(/^Net d2 /)
})

it('chooses the run that began first, else the next in line', () => {
  const [queued, late, early] = [run('r3', { status: 'queued' }), run('r2'), run('r1')]
  expect(pillOf([queued, late, early], undefined)).toEqual({ run: early, others: 2 })
  expect(pillOf([queued, late, early], 'r1')).toEqual({ run: late, others: 1 })
  expect(pillOf([queued], undefined)).toEqual({ run: queued, others: 0 })
  expect(pillOf([run('r1', { status: 'paused' })], undefined)).toBeNull()
})

it.each<[Partial<Run> | undefined, Partial<Run>, string | undefined]>([
  [undefined, { status: 'queued' }, undefined],
  [{ status: 'queued' }, { status: 'running' }, 'has started to learn'],
  [{ status: 'paused' }, { status: 'running' }, 'learns again'],
  [{ status: 'failed' }, { status: 'running' }, 'learns again'],
  [{ status: 'running' }, { status: 'running', steps: 600 }, undefined],
  [{ status: 'running' }, { status: 'stopped', best_score: 12 }, 'was stopped, best in training 12'],
  [{ status: 'running' }, { status: 'interrupted' }, 'was interrupted: it can be resumed'],
  [undefined, { status: 'finished' }, undefined],
])('tells what became of a run', (before, now, words) => {
  expect(eventOf(before && run('r1', before), run('r1', now))).toBe(words)
})
