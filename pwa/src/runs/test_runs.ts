import type { Run } from '../generated/wire'

/** Values of the newer fields of runs and their messages, for tests that are about others. */

export const quietRun = {
  phase: null,
  warning: null,
  responding: true,
  last_heartbeat_step: null,
  last_heartbeat_at: null,
  sequence: 0,
  saved_steps: null,
  failure: null,
  name: '',
  note: '',
  tags: [] as string[],
  sweep_id: null,
}

export const quietStatus = {
  ...{ phase: null, warning: null, responding: true, last_heartbeat_step: null, total_steps: null },
} as const

/** A run that trains, half way. */
export const trainingRun: Run = {
  ...quietRun,
  id: 'r1',
  design_id: 'd1',
  design_hash: '',
  status: 'running',
  phase: 'training',
  reason: null,
  steps: 500,
  total_steps: 1000,
  created_at: '2026-11-01T00:00:00Z',
  started_at: null,
  ended_at: null,
  score: null,
  best_score: null,
  config: {},
}
