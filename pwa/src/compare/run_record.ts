/** What is compared of a run: its curves, thinned, and its test games; small enough to be kept on the phone. */

import type { Evaluation, ModelArchitecture, Run, TrainingUpdate } from '../generated/wire'
import { type History, headlineOf, newestUpdate } from '../runs/run_history'
import { isActive } from '../runs/selected_run'

/** Where a run is on each axis; null where that was not measured. */
export interface Place {
  steps: number
  seconds: number
  processor: number | null
}

export interface Point extends Place {
  /** mean score of recent games of the training */
  score: number
}

/** Test games of the policy by which the run is judged. */
export interface Test extends Place, Pick<Evaluation, 'policy' | 'games' | 'mean_score' | 'median_score' | 'quartiles'> {
  /** the largest tile of any game, and in which share of them it was reached */
  tiles: Evaluation['max_tile_frequency']
}

export interface RunRecord {
  run: Run
  /** by rising moves */
  points: Point[]
  /** by rising moves */
  tests: Test[]
  /** where the run stands */
  newest: Place | null
  /** as it was when the run began; undefined where it is not known */
  design?: ModelArchitecture
}

const MAX_POINTS = 300

/** The record of a run from its messages; nothing beyond the moves from which a run that ended would continue. */
export function recordOf(run: Run, history: History, design?: ModelArchitecture): RunRecord {
  const limit = isActive(run.status) ? Number.POSITIVE_INFINITY : run.steps
  const updates = history.updates.filter(({ steps }) => steps <= limit)
  const scored = updates.flatMap((update) => (update.score === null ? [] : [{ ...placeOf(update), score: update.score }]))
  const policy = headlineOf(history)?.policy
  const tests = history.evaluations.filter((test) => test.policy === policy && test.steps <= limit)
  const newest = newestUpdate({ ...history, updates })
  return {
    run,
    points: thinned(scored),
    tests: tests.map((test) => testOf(test, updates)),
    newest: newest ? placeOf(newest) : null,
    ...(design && { design }),
  }
}

/** Lines of older runs have no processor time. */
const placeOf = ({ steps, elapsed_s, processor_s }: TrainingUpdate): Place => ({
  steps,
  seconds: elapsed_s,
  processor: processor_s ?? null,
})

/** Test games do not say how long the run had trained: the first update with as many moves does. */
function testOf(test: Evaluation, updates: readonly TrainingUpdate[]): Test {
  const { steps, policy, games, mean_score, median_score, quartiles, max_tile_frequency: tiles } = test
  const update = updates.find((one) => one.steps >= steps) ?? updates.at(-1)
  const seconds = update?.elapsed_s ?? 0
  return { steps, seconds, processor: test.processor_s ?? null, policy, games, mean_score, median_score, quartiles, tiles }
}

/** Evenly chosen ones, with the first and the last. */
function thinned<T>(points: readonly T[]): T[] {
  if (points.length <= MAX_POINTS) return [...points]
  const step = (points.length - 1) / (MAX_POINTS - 1)
  return Array.from({ length: MAX_POINTS }, (_, index) => points[Math.round(index * step)] as T)
}
