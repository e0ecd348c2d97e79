import type { Run } from '../generated/wire'
import { trainingRun } from '../runs/test_runs'
import type { Place, Point, RunRecord, Test } from './run_record'

/** Records of runs for tests. */

export const endedRun = (id: string, part: Partial<Run> = {}): Run => ({
  ...trainingRun,
  ...{ id, status: 'finished', phase: null, steps: 1000, config: { algorithm: 'ppo' }, created_at: '2026-11-01T00:00:00Z' },
  ...part,
})

/** A place whose time is a hundredth, and whose processor time is a fiftieth of the moves, in seconds. */
export const placeAt = (steps: number, processor: number | null = steps / 50): Place => ({
  steps,
  seconds: steps / 100,
  processor,
})

export const pointAt = (steps: number, score: number, processor?: number | null): Point => ({
  ...placeAt(steps, processor),
  score,
})

export const testAt = (steps: number, mean_score: number, part: Partial<Test> = {}): Test => ({
  ...placeAt(steps),
  ...{ policy: 'greedy', games: 128, mean_score, median_score: mean_score - 10, quartiles: [mean_score / 2, mean_score * 2] },
  tiles: { 256: 0.75, 512: 0.25 },
  ...part,
})

export const recordWith = (id: string, part: Partial<RunRecord> = {}, run: Partial<Run> = {}): RunRecord => ({
  run: endedRun(id, run),
  points: [pointAt(500, 400), pointAt(1000, 800)],
  tests: [testAt(1000, 900)],
  newest: placeAt(1000),
  ...part,
})
