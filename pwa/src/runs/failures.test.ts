import { expect, it } from 'vitest'
import type { Run } from '../generated/wire'
import { failureOf, reasonOf } from './failures'
import { trainingRun } from './test_runs'

const config = { algorithm: 'ppo', microbatch_size: 256, learning_rate: 0.001, final_learning_rate: 0.0002 }
const failed = (part: Partial<Run>): Run => ({ ...trainingRun, status: 'failed', phase: null, config, ...part })
const labelOf = (part: Partial<Run>) => failureOf(failed(part))?.label

it('has one button that helps for every kind of failure', () => {
  const saved_steps = 10_240
  for (const failure of ['killed', 'crashed', 'disk_full', 'not_started', 'unknown_trainer', 'files_unusable', 'error'] as const)
    expect(labelOf({ failure, saved_steps })).toBe('Continue from 10,240 moves')
  expect(labelOf({ status: 'interrupted', failure: 'interrupted', saved_steps })).toBe('Continue from 10,240 moves')
  expect(labelOf({ status: 'stopped', failure: 'unresponsive', saved_steps: null })).toBe('Start it again')
  expect(labelOf({ failure: 'damaged_checkpoint' })).toBe('Train again')
  expect(labelOf({ failure: 'files_missing' })).toBe('Train again')
  expect(failureOf(failed({ failure: 'out_of_memory' }))?.remedy).toEqual({ how: 'train', changes: { microbatch_size: 128 } })
  const halved = { learning_rate: 0.0005, final_learning_rate: 0.0001 }
  expect(failureOf(failed({ failure: 'diverged' }))?.remedy).toEqual({ how: 'train', changes: halved })
  expect(failureOf(failed({ failure: 'compiler' }))?.remedy).toEqual({ how: 'train', changes: { compile: 'never' } })
})

it('finds no failure in a run that was stopped or finished', () => {
  for (const status of ['stopped', 'finished', 'running'] as const) expect(failureOf(failed({ status }))).toBeUndefined()
})

it('reads runs of servers that tell neither the kind nor the moves', () => {
  const { failure: _, saved_steps: __, ...old } = failed({})
  expect(failureOf(old as Run)?.label).toBe('Continue')
  expect(failureOf({ ...old, status: 'interrupted' } as Run)?.words).toContain('together with the server')
})

it('makes a sentence of what the server says', () => {
  expect(reasonOf({ reason: 'test games skipped' })).toBe('Test games skipped.')
  expect(reasonOf({ reason: null })).toBeUndefined()
})
