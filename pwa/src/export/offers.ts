/** What can be exported of a design: the runs and checkpoints of the server, and the networks kept on this phone. */

import formats from '../generated/formats.json' with { type: 'json' }
import type {
  Evaluation,
  ExportableCheckpoint,
  ExportableRun,
  ExportEvaluation,
  ExportFormat,
  ExportList,
  Run,
} from '../generated/wire'
import { checkpointNameOf } from '../networks/checkpoint_name'
import type { KeptNetwork } from '../networks/networks'
import { namesOf, type RunNames } from '../runs/run_names'
import { bestOf } from '../runs/selected_run'
import { exactly } from '../ui/numbers'

/** The table of backend/export/formats.py. */
export const FORMATS = formats as readonly ExportFormat[]

/** The format of the networks that the phone keeps. */
export const KEPT_FORMAT = 'onnx'

export const BEST = 'best'
export const LAST = 'last'

export interface OfferedFile {
  fmt: string
  /** null where nobody knows */
  bytes: number | null
  /** whether `bytes` is not an estimate */
  isExact: boolean
  /** of the ONNX file from PyTorch; null where it was not compared yet */
  largestDifference: number | null
  checkedBoards: number | null
  /** what is missing in the file, as a sentence; null where it is complete or not written yet */
  note: string | null
  /** the kept network whose file this is; null where the phone has none */
  keptId: string | null
  /** whether the server can write it */
  onServer: boolean
}

export interface OfferedCheckpoint {
  /** `best`, `last` or a number of moves */
  checkpoint: string
  steps: number
  score: number | null
  files: OfferedFile[]
  onServer: boolean
  /** whether this phone keeps it */
  isKept: boolean
}

export interface OfferedRun extends Pick<ExportableRun, 'evaluation' | 'parameters' | 'score'>, RunNames {
  id: string
  designHash: string
  algorithm: string
  /** null where only the phone knows the run */
  status: ExportableRun['status'] | null
  steps: number
  /** moves that the whole run is to make; 0 where that is unknown */
  totalSteps: number
  /** when the run began; of a run that only the phone knows, when its network was kept */
  at: string
  endedAt: string | null
  trainSeconds: number | null
  checkpoints: OfferedCheckpoint[]
  onServer: boolean
}

/** The score that stands for a run everywhere: of its newest test games, or before there are any, of its games in training. */
export function scoreOf({ evaluation, score, onServer }: OfferedRun): { value: string; words: string } | null {
  const rounded = (value: number): string => exactly(Math.round(value))
  if (evaluation) return { value: rounded(evaluation.mean), words: 'mean score in test games' }
  if (score === null) return null
  // without the server it is not known which games a score is of
  return { value: rounded(score), words: onServer ? 'mean score in training' : 'best mean score' }
}

/** A run as this page has followed it, with its newest test games where these were received. */
export interface FollowedRun {
  run: Run
  evaluations: readonly Evaluation[]
}

/**
 * Runs and networks of one design, the newest first. Without a list of the server, those that the phone keeps, with what is known
 * of `followed` runs.
 */
export function offersOf(
  list: ExportList | undefined,
  kept: readonly KeptNetwork[],
  followed: readonly FollowedRun[] = [],
): OfferedRun[] {
  const known = (list?.runs ?? []).map((run) => ofServer(run, kept.filter(isOfRun(run.run_id))))
  const ids = new Set(known.map(({ id }) => id))
  const others = new Set(kept.map(({ runId }) => runId).filter((id) => !ids.has(id)))
  const ofOthers = [...others].map((id) => {
    const run = ofPhone(id, kept.filter(isOfRun(id)))
    const seen = followed.find((each) => each.run.id === id)
    return seen ? withFollowed(run, seen) : run
  })
  return [...known, ...ofOthers]
}

const isOfRun =
  (runId: string) =>
  (network: KeptNetwork): boolean =>
    network.runId === runId

function ofServer(run: ExportableRun, kept: readonly KeptNetwork[]): OfferedRun {
  const listed = run.checkpoints.map((checkpoint) => listedCheckpoint(checkpoint, kept))
  const unlisted = kept.filter(({ steps }) => listed.every((other) => other.steps !== steps)).map(keptCheckpoint)
  return {
    id: run.run_id,
    ...namesOf(run.run_id, run),
    designHash: run.design_hash,
    algorithm: run.algorithm,
    status: run.status,
    steps: run.steps,
    totalSteps: run.total_steps,
    at: run.created_at,
    endedAt: run.ended_at,
    score: run.score ?? run.best_score,
    evaluation: run.evaluation,
    parameters: run.parameters,
    trainSeconds: run.train_seconds,
    checkpoints: [...listed, ...unlisted],
    onServer: true,
  }
}

/** A run that the server does not list, as its newest kept networks know it. */
function ofPhone(id: string, kept: readonly KeptNetwork[]): OfferedRun {
  const newestFirst = kept.slice().sort((one, other) => other.steps - one.steps)
  const [newest] = newestFirst as [KeptNetwork]
  return {
    id,
    ...namesOf(id),
    designHash: newest.designHash,
    algorithm: newest.algorithm,
    status: null,
    steps: newest.steps,
    totalSteps: 0,
    at: newest.keptAt,
    endedAt: null,
    score: highest(kept.map(({ score }) => score)),
    evaluation: newestFirst.find(({ evaluation }) => evaluation !== null)?.evaluation ?? null,
    parameters: newest.parameters,
    trainSeconds: newest.trainSeconds,
    checkpoints: kept.map((network) => ({ ...keptCheckpoint(network), checkpoint: checkpointNameOf(network, kept) })),
    onServer: false,
  }
}

/** A run of the phone with the moves, the dates, the score and the test games that this page has received of it. */
function withFollowed(run: OfferedRun, { run: seen, evaluations }: FollowedRun): OfferedRun {
  const newest = evaluations.at(-1)
  const means = evaluations.map(({ mean_score }) => mean_score)
  return {
    ...run,
    steps: Math.max(run.steps, seen.steps),
    totalSteps: seen.total_steps,
    at: seen.created_at,
    endedAt: seen.ended_at,
    score: highest([run.score, ...means]) ?? bestOf(seen),
    evaluation: newest ? evaluationOf(newest) : run.evaluation,
  }
}

const highest = (scores: readonly (number | null)[]): number | null => {
  const known = scores.filter((score) => score !== null)
  return known.length > 0 ? Math.max(...known) : null
}

const evaluationOf = ({ mean_score, median_score, games, max_tile_frequency, baselines }: Evaluation): ExportEvaluation => ({
  ...{ mean: mean_score, median: median_score, games, max_tile_frequency, baselines },
})

function listedCheckpoint(
  { checkpoint, steps, score, files }: ExportableCheckpoint,
  kept: readonly KeptNetwork[],
): OfferedCheckpoint {
  const network = kept.find((other) => other.steps === steps)
  const offered = FORMATS.map(({ suffix }): OfferedFile => {
    const file = files.find(({ fmt, inspect }) => fmt === suffix && !inspect)
    const own = network && suffix === KEPT_FORMAT ? keptFile(network) : undefined
    return {
      fmt: suffix,
      bytes: own?.bytes ?? file?.bytes ?? null,
      isExact: own !== undefined || (file?.is_exact ?? false),
      largestDifference: own?.largestDifference ?? file?.largest_difference ?? null,
      checkedBoards: own?.checkedBoards ?? file?.checked_boards ?? null,
      note: file?.note ?? null,
      keptId: own?.keptId ?? null,
      onServer: file !== undefined,
    }
  })
  return { checkpoint, steps, score, files: offered, onServer: true, isKept: network !== undefined }
}

/** A checkpoint that the server does not have, or cannot be asked about: of its files there is the one on the phone. */
function keptCheckpoint(network: KeptNetwork): OfferedCheckpoint {
  const none = { bytes: null, isExact: false, ...unchecked, keptId: null, onServer: false }
  const files = FORMATS.map(({ suffix: fmt }) => (fmt === KEPT_FORMAT ? keptFile(network) : { ...none, fmt }))
  const { steps, score } = network
  return { checkpoint: String(steps), steps, score, files, onServer: false, isKept: true }
}

const unchecked = { largestDifference: null, checkedBoards: null, note: null }

const keptFile = ({ id, bytes, largestDifference, checkedBoards }: KeptNetwork): OfferedFile => ({
  ...{ fmt: KEPT_FORMAT, bytes, isExact: true, largestDifference, checkedBoards, note: null, keptId: id, onServer: false },
})

export const isAvailable = ({ keptId, onServer }: OfferedFile): boolean => keptId !== null || onServer

/** What a person chose so far. */
export interface Choice {
  runId?: string
  checkpoint?: string
  fmt?: string
}

export interface Chosen {
  run: OfferedRun
  checkpoint: OfferedCheckpoint
  file: OfferedFile
}

/** The run, checkpoint and file that are chosen, by default the best network of the run on the screen, as ONNX. */
export function chosenOf(runs: readonly OfferedRun[], choice: Choice, shownRun?: string): Chosen | undefined {
  const exportable = runs.filter(({ checkpoints }) => checkpoints.length > 0)
  const run = byId(exportable, choice.runId) ?? byId(exportable, shownRun) ?? exportable[0]
  const checkpoint = run && chosenCheckpoint(run, choice.checkpoint)
  const file =
    checkpoint?.files.find((other) => other.fmt === choice.fmt && isAvailable(other)) ?? checkpoint?.files.find(isAvailable)
  return run && checkpoint && file && { run, checkpoint, file }
}

const byId = (runs: readonly OfferedRun[], id: string | undefined): OfferedRun | undefined => runs.find((run) => run.id === id)

function chosenCheckpoint({ checkpoints }: OfferedRun, wanted: string | undefined): OfferedCheckpoint | undefined {
  const named = [wanted, BEST, LAST].map((name) => checkpoints.find(({ checkpoint }) => checkpoint === name))
  return named.find((found) => found !== undefined) ?? checkpoints.slice().sort((one, other) => other.steps - one.steps)[0]
}
