import type { ExportableCheckpoint, ExportableRun, ExportFile, ExportList } from '../generated/wire'
import type { KeptNetwork } from '../networks/networks'

/** Lists of exports and kept networks for tests. */

const file = (fmt: string, bytes: number, part: Partial<ExportFile> = {}): ExportFile => ({
  ...{ fmt, inspect: false, bytes, is_exact: false, sha256: null, largest_difference: null, checked_boards: null, note: null },
  ...part,
})

export const checkpoint = (name: string, steps: number, part: Partial<ExportableCheckpoint> = {}): ExportableCheckpoint => ({
  checkpoint: name,
  steps,
  created_at: '2026-11-30T06:00:00Z',
  score: null,
  files: [
    file('onnx', 42_000, { is_exact: true, largest_difference: 1.4e-6, checked_boards: 1024 }),
    file('onnx', 44_000, { inspect: true }),
    file('pt', 41_000),
    file('safetensors', 40_500),
    file('py', 9_000),
    file('zip', 140_000),
  ],
  ...part,
})

export const played = (mean_score: number, max_tile_frequency: Record<string, number>) => ({
  ...{ games: 256, mean_score, median_score: mean_score, quartiles: [0, 0] as [number, number], max_tile_frequency },
})

export const exportableRun = (run_id: string, part: Partial<ExportableRun> = {}): ExportableRun => ({
  run_id,
  value_unit: { gamma: 0.995, reward: 'sqrt_points' },
  algorithm: 'ppo',
  status: 'finished',
  steps: 614_400,
  total_steps: 614_400,
  created_at: '2026-11-29T06:12:00Z',
  ended_at: '2026-11-29T06:27:00Z',
  design_hash: 'a1b2c3d4e5f6',
  score: 2480.4,
  best_score: 2300,
  evaluation: {
    mean: 2400.6,
    median: 2210,
    games: 256,
    max_tile_frequency: { 128: 0.25, 256: 0.62, 512: 0.13 },
    baselines: { random: played(1090, { 64: 0.4, 128: 0.5 }), greedy: played(3400, { 256: 0.5, 512: 0.3 }) },
  },
  train_seconds: 870,
  parameters: 42_917,
  inspectable: false,
  name: '',
  tags: [],
  checkpoints: [
    checkpoint('best', 573_440, { score: 2480.4 }),
    checkpoint('last', 614_400),
    checkpoint('307200', 307_200),
    checkpoint('61440', 61_440),
  ],
  ...part,
})

export const listOf = (...runs: ExportableRun[]): ExportList => ({ runs })

export const keptNetwork = (runId: string, steps: number, part: Partial<KeptNetwork> = {}): KeptNetwork =>
  ({
    ...{ id: `${runId}-${steps}`, runId, designId: 'd1', designName: 'Tiny MLP', designHash: 'a1b2c3d4e5f6' },
    ...{ checkpoint: 'best', steps, algorithm: 'ppo', score: 2480.4, evaluation: null, parameters: 42_917, trainSeconds: 870 },
    ...{ bytes: 42_123, sha256: '', inspectBytes: null, inspectSha256: null, keptAt: '2026-11-29T07:00:00Z' },
    ...{ largestDifference: 1.1e-6, checkedBoards: 1024 },
    ...part,
  }) as KeptNetwork
