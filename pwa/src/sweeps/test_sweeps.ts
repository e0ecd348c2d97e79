/** Sweeps for tests. */

import type { Sweep, SweepTrial } from '../generated/wire'

export const trialOf = (number: number, part: Partial<SweepTrial> = {}): SweepTrial => ({
  ...{ run_id: `r${number}`, values: [number / 1000], phase: 'waiting', scores: [], steps: 0, score: null },
  ...{ outcome: null, reason: null },
  ...part,
})

export const sweepOf = (trials: SweepTrial[], part: Partial<Sweep> = {}): Sweep => ({
  ...{ id: 's1', design_id: 'd1', created_at: '2026-11-30T10:00:00Z', status: 'running', reason: null },
  ...{ spec: { axes: [{ kind: 'setting', name: 'learning_rate', values: [] }] }, total_steps: 900, rungs: [300] },
  ...{ left_out: 0, left_out_reason: null, best: null, started_at: null, ended_at: null },
  trials,
  ...part,
})
