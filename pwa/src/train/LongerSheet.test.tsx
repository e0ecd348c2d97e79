import 'fake-indexeddb/auto'
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { documentStore, openDocument, resetDocuments } from '../document/store'
import { sampleDesign } from '../document/test_designs'
import { compileStore } from '../editor/compile_state'
import { resultWith } from '../editor/test_validation'
import { uiStore } from '../editor/ui_state'
import { validationStore } from '../editor/validation'
import type { Run, TrainingUpdate } from '../generated/wire'
import { choiceStore } from '../runs/run_config'
import { emptyHistory } from '../runs/run_history'
import { trainStore } from '../runs/runs'
import { trainingRun } from '../runs/test_runs'
import { latestCommand } from '../storage/commands'
import { withDatabase } from '../storage/database'
import { LongerSheet } from './LongerSheet'

vi.mock('../python/client', async () => {
  const { createStore } = await import('zustand/vanilla')
  return { pythonState: createStore(() => ({ status: 'loading' })) }
})
vi.mock('../sync/sync', () => ({ syncSoon: vi.fn() }))

const config = { algorithm: 'ppo', n_envs: 64, n_steps: 32, learning_rate: 1e-3, final_learning_rate: 1e-4 }
const finished: Run = {
  ...trainingRun,
  ...{ status: 'finished', phase: null, steps: 204_800, total_steps: 204_800, saved_steps: 204_800, config, design_hash: 'then' },
}
const update = { seq: 1, run_id: 'r1', steps: 204_800, total_steps: 204_800, elapsed_s: 100 } as TrainingUpdate

const show = (run: Run = finished) => {
  trainStore.setState({
    ...{ designId: run.design_id, command: undefined, run, others: [], chosen: null },
    history: { ...emptyHistory(run.id), updates: [update] },
  })
  return render(<LongerSheet runId={run.id} />)
}
const dialog = () => screen.getByRole('dialog', { name: 'Train longer' })

beforeEach(() => withDatabase((db) => db.clear('commands')))
afterEach(() => {
  cleanup()
  resetDocuments()
})

it('asks for more moves of the same run, as many as it makes in the chosen time', async () => {
  show()
  expect(dialog().textContent).toContain('From 204,800 moves, with the weights it has')
  expect(screen.getByRole<HTMLInputElement>('radio', { name: '15 minutes' }).checked).toBe(true)
  fireEvent.click(screen.getByRole('radio', { name: '2 minutes' }))
  expect(dialog().textContent).toContain('245,760 more moves at its speed so far, 450,560 in all')
  fireEvent.click(screen.getByRole('button', { name: 'Start' }))
  await vi.waitFor(async () => {
    const command = await latestCommand('train', finished.design_id)
    expect(command).toMatchObject({ status: 'waiting', continues: 'r1', config: { total_steps: 450_560 } })
  })
  expect(trainStore.getState().chosen).toBe('r1')
  expect(uiStore.getState().sheet).toBeNull()
})

it('says that the learning rate rises again, unless it stays what it was', () => {
  show()
  expect(dialog().textContent).toContain('the score may fall at first')
  cleanup()
  show({ ...finished, config: { ...config, final_learning_rate: 1e-3 } })
  expect(dialog().textContent).not.toContain('the score may fall')
})

it('says that the run keeps its network where the drawing has changed, and offers new weights', () => {
  const design = { ...sampleDesign(), id: finished.design_id }
  openDocument(design)
  const drawn = (design_hash: string) =>
    act(() => {
      const { design } = documentStore.getState()
      validationStore.setState({ result: resultWith({ valid: true }), forDesign: design })
      compileStore.setState({ generated: { source: '', design_hash, lines: {}, config: {} }, generatedFrom: design })
    })
  drawn('then')
  show()
  expect(dialog().textContent).not.toContain('The design has changed')
  drawn('now')
  expect(dialog().textContent).toContain('The design has changed since. This run goes on with the network that it began with.')
  fireEvent.click(screen.getByRole('button', { name: 'Train from new weights instead' }))
  expect(uiStore.getState().sheet).toEqual({ name: 'train' })
  expect(choiceStore.getState()).toMatchObject({ algorithm: 'ppo', recipe: 'standard' })
})
