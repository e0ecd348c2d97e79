import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { stopRun } from '../api/api'
import { ApiProblem } from '../api/problem'
import { uiStore } from '../editor/ui_state'
import { keptNetwork } from '../export/test_exports'
import type { Run } from '../generated/wire'
import { networksStore } from '../networks/networks'
import { takeWantedRun } from '../runs/play_run'
import { trainStore } from '../runs/runs'
import { trainingRun } from '../runs/test_runs'
import { recordToasts } from '../ui/test_toasts'
import { RunControls } from './RunControls'

vi.mock('../python/client', async () => {
  const { createStore } = await import('zustand/vanilla')
  return { pythonState: createStore(() => ({ status: 'loading' })) }
})
vi.mock('../api/api', async (original) => ({ ...(await original<object>()), stopRun: vi.fn() }))

const toasts = recordToasts()
const show = (part: Partial<Run>) => {
  const shown = { ...trainingRun, ...part }
  trainStore.setState({ run: shown, history: null, others: [], chosen: null })
  return render(<RunControls run={shown} />)
}
const named = () => screen.getAllByRole('button').map((button) => button.getAttribute('aria-label') ?? button.textContent?.trim())

beforeEach(() => {
  networksStore.setState({ networks: [] })
  vi.mocked(stopRun).mockReset().mockResolvedValue()
})
afterEach(cleanup)

it('stops a run that plays test games between its moves', () => {
  show({ phase: 'evaluating' })
  expect(named()).toEqual(['Pause', 'Stop', 'Export'])
})

it('skips the test games after the last move', async () => {
  show({ phase: 'evaluating', steps: 1000 })
  expect(named()).toEqual(['Skip test games', 'Export'])
  await act(async () => fireEvent.click(screen.getByRole('button', { name: 'Skip test games' })))
  expect(stopRun).toHaveBeenCalledExactlyOnceWith('r1')
})

it('stops after the last move where the server sends no phase', () => {
  show({ phase: null, steps: 1000 })
  expect(named()).toContain('Stop')
})

it('lets a run that does not respond be stopped, not paused, with a message of what happens next', async () => {
  show({ responding: false })
  expect(screen.getByRole('button', { name: 'Pause' }).hasAttribute('disabled')).toBe(true)
  await act(async () => fireEvent.click(screen.getByRole('button', { name: 'Stop' })))
  expect(stopRun).toHaveBeenCalledExactlyOnceWith('r1')
  expect(toasts().map(({ text }) => text)).toEqual([expect.stringContaining('the server ends it by force')])
})

it('offers to play, export and train longer what has ended, and to continue what was stopped', () => {
  show({ status: 'finished', phase: null, saved_steps: 1000 })
  expect(named()).toEqual(['Play', 'Export', 'Train longer'])
  cleanup()
  show({ status: 'finished', phase: null, saved_steps: null })
  expect(named()).toEqual(['Play', 'Export', 'Train'])
  cleanup()
  show({ status: 'stopped', phase: null })
  expect(named()).toEqual(['Play', 'Export', 'Continue', 'Train'])
  cleanup()
  show({ status: 'failed', phase: null, failure: 'killed' })
  expect(named()).toEqual(['Play', 'Export', 'Train'])
})

it('opens the sheet to train longer, and for a new run if there is no checkpoint', () => {
  show({ status: 'finished', phase: null, saved_steps: 1000 })
  fireEvent.click(screen.getByRole('button', { name: 'Train longer' }))
  expect(uiStore.getState().sheet).toEqual({ name: 'train', longer: 'r1' })
  cleanup()
  show({ status: 'finished', phase: null, saved_steps: null })
  fireEvent.click(screen.getByRole('button', { name: 'Train' }))
  expect(uiStore.getState().sheet).toEqual({ name: 'train' })
})

it('has one next step: to train longer, to continue, or after a failure what the failure offers', () => {
  const isNext = ({ dataset, classList }: HTMLElement) => dataset.look === 'primary' && !classList.contains('open-export')
  const nextSteps = () => screen.getAllByRole('button').filter(isNext)
  show({ status: 'finished', phase: null, saved_steps: 1000 })
  expect(nextSteps().map(({ textContent }) => textContent?.trim())).toEqual(['Train longer'])
  cleanup()
  show({ status: 'stopped', phase: null })
  expect(nextSteps().map(({ textContent }) => textContent?.trim())).toEqual(['Continue'])
  cleanup()
  show({ status: 'failed', phase: null, failure: 'killed' })
  expect(nextSteps()).toEqual([])
})

it('says that it stops until the run has stopped', async () => {
  show({})
  await act(async () => fireEvent.click(screen.getByRole('button', { name: 'Stop' })))
  expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Stopping…' }).disabled).toBe(true)
  expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Pause' }).disabled).toBe(true)
  const stopped = { ...trainingRun, status: 'stopped', phase: null } as const
  act(() => trainStore.setState({ run: stopped }))
  expect(named()).not.toContain('Stopping…')
})

it('offers to stop again where the server was not told', async () => {
  vi.mocked(stopRun).mockRejectedValue(new ApiProblem({ status: 0, title: 'none', detail: 'none' }))
  show({})
  await act(async () => fireEvent.click(screen.getByRole('button', { name: 'Stop' })))
  expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Stop' }).disabled).toBe(false)
  expect(toasts().map(({ text }) => text)).toEqual([expect.stringContaining('cannot be reached')])
})

it('is disabled while a request to train longer waits', () => {
  const waiting = { id: 'k1', kind: 'train', designId: 'd1', config: {}, status: 'waiting', createdAt: '' } as const
  trainStore.setState({ command: waiting })
  show({ status: 'finished', phase: null, saved_steps: 1000 })
  expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Train longer' }).disabled).toBe(true)
  act(() => trainStore.setState({ command: { ...waiting, status: 'done' } }))
  expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Train longer' }).disabled).toBe(false)
})

it('opens the Export dialog for the run on the screen, as soon as there is a network anywhere', () => {
  show({ steps: 0 })
  expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Export' }).disabled).toBe(true)
  act(() => networksStore.setState({ networks: [keptNetwork('r0', 512)] }))
  fireEvent.click(screen.getByRole('button', { name: 'Export' }))
  expect(uiStore.getState().sheet).toEqual({ name: 'export', designId: 'd1', runId: 'r1' })
})

it('plays the run on the screen', () => {
  show({ status: 'finished', phase: null })
  fireEvent.click(screen.getByRole('button', { name: 'Play' }))
  expect(location.hash).toBe('#/d/d1/play')
  expect(takeWantedRun('d1')).toBe('r1')
  expect(takeWantedRun('d1')).toBeUndefined()
})
