import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { ApiProblem } from '../api/problem'
import { openDocument, resetDocuments } from '../document/store'
import { sampleDesign } from '../document/test_designs'
import type { SweepPlan, SweepSpec } from '../generated/wire'
import { planSweep } from '../python/client'
import { SweepSheet } from './SweepSheet'
import { startSweep } from './sweeps_api'
import { sweepOf, trialOf } from './test_sweeps'

vi.mock('../python/client', async (original) => ({ ...(await original<object>()), planSweep: vi.fn() }))
vi.mock('./sweeps_api', () => ({ startSweep: vi.fn() }))

const planOf = (count: number, part: Partial<SweepPlan> = {}): SweepPlan => ({
  trials: Array.from({ length: count }, (_, index) => ({ values: [index], training_bytes: 3e7, seconds: 60 })),
  ...{ left_out: 0, reason: null, rungs: [], seconds: 60 * count, training_bytes: 3e7, problem: null },
  ...part,
})

const askedLast = (): SweepSpec => vi.mocked(planSweep).mock.calls.at(-1)?.[1] as SweepSpec

beforeEach(() => {
  openDocument({ ...sampleDesign(), id: 'd1' })
  vi.mocked(planSweep).mockImplementation(async (_, { axes }) =>
    planOf(axes.reduce((count, { values }) => count * (values?.length || 3), 1)),
  )
})

afterEach(() => {
  cleanup()
  vi.clearAllMocks()
  resetDocuments()
})

async function open(onClose = () => {}) {
  await act(async () => void render(<SweepSheet onClose={onClose} />))
}

const type = (label: string, value: string) =>
  act(async () => void fireEvent.change(screen.getByLabelText(label), { target: { value } }))
const tap = (name: string) => act(async () => void fireEvent.click(screen.getByRole('button', { name })))
const plan = () => screen.getByRole('status', { name: 'Plan' }).textContent

it('has a plan at once, and starts it', async () => {
  vi.mocked(startSweep).mockResolvedValue(sweepOf([trialOf(1)]))
  const close = vi.fn()
  await open(close)
  expect(plan()).toMatch(/3 runs of .* moves, about 3 min one after the other and 30 MB of memory/)
  await tap('Start 3 runs')
  expect(startSweep).toHaveBeenCalledWith(
    expect.stringMatching(/^s/),
    expect.objectContaining({ design_id: 'd1', halving: true }),
  )
  expect(close).toHaveBeenCalled()
  expect(location.hash).toBe('#/d/d1/sweeps')
})

it('says what is left out, and what is wrong', async () => {
  await open()
  vi.mocked(planSweep).mockResolvedValue(planOf(2, { left_out: 3, reason: 'Heads do not divide', rungs: [700, 2100] }))
  await type('Values, with commas between them of property 1', '1, 2')
  expect(plan()).toMatch(/Compared after 700 and 2,100 moves/)
  expect(plan()).toMatch(/3 combinations left out. Heads do not divide/)
  vi.mocked(planSweep).mockResolvedValue(planOf(0, { problem: 'Give a list' }))
  await type('Values, with commas between them of property 1', '')
  expect(plan()).toBe('Give a list')
  expect((screen.getByRole('button', { name: 'Start' }) as HTMLButtonElement).disabled).toBe(true)
  await type('Moves of each run', 'many')
  expect(plan()).toMatch(/Moves of each run: a whole number/)
})

it('varies up to three properties, by lists, ticks and ranges', async () => {
  await open()
  await tap('Vary another property')
  await tap('Vary another property')
  expect(screen.queryByRole('button', { name: 'Vary another property' })).toBeNull()
  await act(
    async () =>
      void fireEvent.change(screen.getByRole('combobox', { name: 'Property 2' }), { target: { value: 'setting//symmetries' } }),
  )
  await act(async () => void fireEvent.click(screen.getByRole('checkbox', { name: 'off' })))
  expect(askedLast().axes[1]).toEqual({ kind: 'setting', name: 'symmetries', values: [true] })
  await tap('Remove property 3')
  await act(async () => void fireEvent.click(screen.getByRole('checkbox', { name: 'Range for property 1' })))
  await type('From of property 1', '0.0001')
  await act(async () => void fireEvent.click(screen.getByRole('radio', { name: 'At random' })))
  await type('Number of runs', '12')
  expect(askedLast()).toMatchObject({ search: 'random', trials: 12, axes: [{ low: 0.0001, scale: 'log' }, { values: [true] }] })
})

it('says that the server cannot be reached, and stays open', async () => {
  vi.mocked(startSweep).mockRejectedValue(
    new ApiProblem({ status: 0, title: '', detail: 'Not reached' }, { kind: 'unreachable' }),
  )
  const close = vi.fn()
  await open(close)
  await tap('Start 3 runs')
  expect(screen.getByRole('alert').textContent).toMatch(/The server cannot be reached/)
  expect(close).not.toHaveBeenCalled()
  expect(screen.getByRole('button', { name: 'Start 3 runs' })).toBeTruthy()
})
