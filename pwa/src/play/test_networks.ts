/** Runs and kept networks for tests. */

import type { ExportableRun } from '../generated/wire'
import type { KeptNetwork } from '../networks/networks'

export const keptNetwork = (runId: string, steps: number, change: Partial<KeptNetwork> = {}): KeptNetwork => ({
  ...{ id: `${runId}-${steps}`, runId, designId: 'd1', designName: 'Tiny MLP', designHash: 'h', checkpoint: 'best', steps },
  ...{ algorithm: 'ppo', score: 1200, evaluation: null, parameters: 10, trainSeconds: 60, bytes: 1000, sha256: 'x' },
  ...{ inspectBytes: null, inspectSha256: null, keptAt: '2026-11-03T10:00:00Z', largestDifference: 0, checkedBoards: 1000 },
  ...{ automatic: false, order: 1 },
  ...change,
})

/** A run of the server with these checkpoints, each with its moves; its files take 1000 bytes. */
export const runWith = (runId: string, checkpoints: readonly (readonly [string, number])[], bytes = 1000): ExportableRun => ({
  ...{ run_id: runId, algorithm: 'ppo', status: 'finished', steps: 1000, created_at: '2026-11-03T10:00:00Z', ended_at: null },
  ...{ design_hash: 'h', score: 1200, best_score: 1200, evaluation: null, train_seconds: 60, parameters: 10, inspectable: false },
  ...{ name: '', tags: [], total_steps: 1000, value_unit: { gamma: 0.995, reward: 'sqrt_points' } },
  checkpoints: checkpoints.map(([checkpoint, steps]) => ({
    ...{ checkpoint, steps, created_at: '2026-11-03T10:00:00Z', score: 1200 },
    files: [
      {
        fmt: 'onnx',
        inspect: false,
        bytes,
        is_exact: true,
        sha256: 'x',
        largest_difference: null,
        checked_boards: null,
        note: null,
      },
    ],
  })),
})
