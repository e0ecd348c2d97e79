import { act, cleanup, fireEvent, render, screen, within } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { ApiProblem } from '../api/problem'
import { documentStore, openDocument, resetDocuments, undo } from '../document/store'
import { sampleDesign } from '../document/test_designs'
import type { LiveMessage, Run } from '../generated/wire'
import { onLiveMessage } from '../live/live'
import { choiceStore } from '../runs/run_config'
import { SweepScreen } from './SweepScreen'
import { readSweeps, sweepStore } from './sweep_list'
import { designOfRun, listSweeps, readRun, stopSweep } from './sweeps_api'
import { sweepOf, trialOf } from './test_sweeps'

vi.mock('./sweeps_api', () => ({ listSweeps: vi.fn(), stopSweep: vi.fn(), designOfRun: vi.fn(), readRun: vi.fn() }))
vi.mock('../live/live', async (original) => ({ ...(await original<object>()), onLiveMessage: vi.fn(() => () => {}) }))

const finished = trialOf(1, { phase: 'ended', outcome: 'finished', score: 900, scores: [500], steps: 900, values: [0.25] })
const early = trialOf(2, { phase: 'ended', outcome: 'stopped_early', score: 300, scores: [300], steps: 310, values: [0.5] })
const design = { ...sampleDesign(), id: 'd1' }

beforeEach(() => {
  localStorage.clear()
  openDocument(design)
  sweepStore.setState({ designId: null, sweeps: undefined, trouble: undefined })
})

afterEach(() => {
  cleanup()
  vi.clearAllMocks()
  resetDocuments()
})

async function open(...sweeps: ReturnType<typeof sweepOf>[]) {
  vi.mocked(listSweeps).mockResolvedValue(sweeps)
  await act(async () => void render(<SweepScreen />))
}

const send = (message: Partial<LiveMessage>) =>
  act(async () => vi.mocked(onLiveMessage).mock.calls[0]?.[0](message as LiveMessage))
const tap = (name: string) => act(async () => void fireEvent.click(screen.getByRole('button', { name })))
const cells = (row: number) =>
  within(screen.getAllByRole('row')[row] as HTMLElement)
    .getAllByRole('cell')
    .map(({ textContent }) => textContent)

it('shows the runs of this design, the best first', async () => {
  await open(sweepOf([early, finished], { best: 1, status: 'finished' }), sweepOf([early], { id: 's2', design_id: 'other' }))
  expect(screen.getByRole('status', { name: 'Variants' }).textContent).toBe('1 of 2 runs finished, 1 stopped early')
  expect(cells(1)).toEqual(['0.25', '900', '900', 'finished'])
  expect(cells(2)).toEqual(['0.5', '300', '310', 'stopped early'])
  expect(screen.getByRole('img', { name: /^Parallel coordinates: 2 runs by Learning rate, Score/ })).toBeTruthy()
  expect(screen.getByRole('button', { name: 'Run 2, the best' }).getAttribute('aria-pressed')).toBe('true')
  expect(screen.queryByRole('combobox')).toBeNull()
})

it('follows the messages of the server', async () => {
  await open(sweepOf([trialOf(1, { phase: 'training' })]))
  await send({ type: 'training_update', run_id: 'r1', steps: 64, score: 250 })
  expect(cells(1).slice(1, 3)).toEqual(['250', '64'])
  vi.mocked(listSweeps).mockResolvedValue([sweepOf([finished], { status: 'finished', best: 0 })])
  await send({ type: 'sweep_changed', design_id: 'd1' })
  expect(screen.getByRole('status', { name: 'Variants' }).textContent).toBe('1 of 1 runs finished')
  expect(screen.queryByRole('button', { name: 'Stop all' })).toBeNull()
})

it('stops a sweep, and says where it cannot', async () => {
  await open(sweepOf([trialOf(1, { phase: 'training', steps: 3 })]))
  vi.mocked(stopSweep).mockRejectedValue(new ApiProblem({ status: 0, title: '', detail: '' }, { kind: 'unreachable' }))
  await tap('Stop all')
  expect(stopSweep).toHaveBeenCalledWith('s1')
  expect(screen.getByRole('alert').textContent).toMatch(/cannot be reached/)
})

it('invites where there are none, and says that the server cannot be reached', async () => {
  await open()
  expect(screen.getByText(/No variants yet/)).toBeTruthy()
  cleanup()
  vi.mocked(listSweeps).mockRejectedValue(new ApiProblem({ status: 0, title: '', detail: '' }, { kind: 'unreachable' }))
  await act(async () => void render(<SweepScreen />))
  expect(screen.getByRole('alert').textContent).toMatch(/The server cannot be reached/)
})

it('shows what it received before where the server cannot be reached', async () => {
  await open(sweepOf([finished, early], { best: 0, status: 'finished' }))
  cleanup()
  sweepStore.setState({ designId: null, sweeps: undefined, trouble: undefined })
  vi.mocked(listSweeps).mockRejectedValue(new ApiProblem({ status: 0, title: '', detail: '' }, { kind: 'unreachable' }))
  await act(async () => void render(<SweepScreen />))
  expect(screen.getByRole('alert').textContent).toMatch(/as this phone last saw them/)
  expect(cells(1)).toEqual(['0.25', '900', '900', 'finished'])
})

it('keeps the sweeps of the designs that were looked at last', async () => {
  for (const id of ['a', 'b', 'c', 'd', 'e']) {
    vi.mocked(listSweeps).mockResolvedValue([sweepOf([finished], { design_id: id })])
    await readSweeps(id)
  }
  expect(Object.keys(JSON.parse(localStorage.getItem('model-studio-sweeps') ?? ''))).toEqual(['b', 'c', 'd', 'e'])
})

it('makes a run the design, with its settings, as one edit', async () => {
  const wider = { ...design, name: 'As it was', meta: { ...design.meta, d_model: 256 } }
  vi.mocked(designOfRun).mockResolvedValue(wider)
  vi.mocked(readRun).mockResolvedValue({ id: 'r1', config: { algorithm: 'ppo' } } as unknown as Run)
  await open(sweepOf([finished, early], { best: 0, status: 'finished' }))
  await tap('Run 2')
  await tap('Make this my design')
  expect(designOfRun).toHaveBeenCalledWith('r2')
  const { design: open_ } = documentStore.getState()
  expect([open_?.meta.d_model, open_?.name]).toEqual([256, design.name])
  expect(choiceStore.getState()).toMatchObject({ algorithm: 'ppo', changes: { learning_rate: 0.5 } })
  expect(location.hash).toBe('#/d/d1')
  act(() => undo())
  expect(documentStore.getState().design?.meta.d_model).toBe(design.meta.d_model)
})
