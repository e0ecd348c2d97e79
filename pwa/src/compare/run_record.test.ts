import { expect, it } from 'vitest'
import type { Evaluation, LiveMessage, TrainingUpdate } from '../generated/wire'
import { emptyHistory, takeMessages } from '../runs/run_history'
import { recordOf } from './run_record'
import { endedRun } from './test_records'

const update = (seq: number, steps: number, score: number | null, processor_s?: number) =>
  ({ type: 'training_update', seq, run_id: 'r1', steps, score, elapsed_s: steps / 100, processor_s }) as TrainingUpdate
const tests = (seq: number, steps: number, policy: Evaluation['policy'], mean_score: number, processor_s?: number) =>
  ({
    ...{ type: 'evaluation', seq, run_id: 'r1', steps, policy, games: 8, mean_score, median_score: 5, quartiles: [1, 9] },
    ...{ max_tile_frequency: { 64: 1 }, processor_s },
  }) as unknown as Evaluation
const recordFrom = (messages: LiveMessage[], part = {}) =>
  recordOf(endedRun('r1', part), takeMessages(emptyHistory('r1'), messages))

it('has the curve and the test games of the best move, with all places', () => {
  const record = recordFrom([
    update(1, 100, null, 3),
    update(2, 200, 20, 6),
    tests(3, 200, 'sampled', 50, 6),
    tests(4, 200, 'greedy', 60, 6),
    update(5, 300, 30, 9),
  ])
  expect(record.points).toEqual([
    { steps: 200, seconds: 2, processor: 6, score: 20 },
    { steps: 300, seconds: 3, processor: 9, score: 30 },
  ])
  expect(record.tests.map(({ steps, seconds, processor, mean_score }) => [steps, seconds, processor, mean_score])).toEqual([
    [200, 2, 6, 60],
  ])
  expect(record.newest).toEqual({ steps: 300, seconds: 3, processor: 9 })
})

it('has no processor time of a run whose lines do not say it', () => {
  const record = recordFrom([update(1, 100, 10), tests(2, 100, 'greedy', 60)])
  expect([record.points[0]?.processor, record.tests[0]?.processor]).toEqual([null, null])
})

it('ends where a run that ended would continue', () => {
  const messages = [update(1, 100, 10), update(2, 200, 20)]
  expect(recordFrom(messages, { status: 'stopped', steps: 100 }).points).toHaveLength(1)
  expect(recordFrom(messages, { status: 'running', steps: 100 }).points).toHaveLength(2)
})

it('is thinned to the first, the last and even steps between', () => {
  const { points } = recordFrom(
    Array.from({ length: 2000 }, (_, index) => update(index + 1, index + 1, index)),
    { steps: 2000 },
  )
  expect(points.length).toBe(300)
  expect([points[0]?.steps, points.at(-1)?.steps]).toEqual([1, 2000])
})
