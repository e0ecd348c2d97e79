/** Folds the numbered messages of one run into what the Train screen shows; repeats and late messages change nothing. */

import type { CheckpointCreated, Evaluation, EvaluationProgress, LiveMessage, RunStatus, TrainingUpdate } from '../generated/wire'

export interface History {
  runId: string
  /** by seq, and steps never fall; long runs are thinned */
  updates: TrainingUpdate[]
  evaluations: Evaluation[]
  /** how far the newest test games are, or were when they ended */
  progress: EvaluationProgress | undefined
  /** the checkpoint with the best score, which is what is exported; undefined before any had one */
  best: { steps: number; score: number } | undefined
  /** the newest status message, where one came */
  status: { seq: number; status: RunStatus; reason: string | null } | undefined
  /** highest number received; gaps below it are possible, which only the server knows */
  lastSeq: number
}

export const emptyHistory = (runId: string): History => ({
  runId,
  updates: [],
  evaluations: [],
  progress: undefined,
  best: undefined,
  status: undefined,
  lastSeq: 0,
})

const MAX_UPDATES = 3000

/** Take messages in, in any order and any number of times. */
export function takeMessages(history: History, messages: readonly LiveMessage[]): History {
  const ofRun = messages.filter((message) => message.run_id === history.runId)
  if (ofRun.length === 0) return history
  let { progress, best, status, lastSeq } = history
  const updates: TrainingUpdate[] = []
  const evaluations: Evaluation[] = []
  for (const message of ofRun) {
    // progress is not stored and has the number of another message
    if (message.type !== 'evaluation_progress') lastSeq = Math.max(lastSeq, message.seq)
    if (message.type === 'training_update') updates.push(message)
    if (message.type === 'evaluation') evaluations.push(message)
    if (message.type === 'evaluation_progress' && message.seq >= (progress?.seq ?? 0)) progress = message
    if (message.type === 'checkpoint_created') best = better(best, message)
    if (message.type === 'run_status' && message.seq >= (status?.seq ?? 0)) status = message
  }
  const reached = withoutUndone(merged(history.updates, updates), merged(history.evaluations, evaluations))
  const { runId } = history
  return { runId, updates: thinned(reached.updates), evaluations: reached.evaluations, progress, best, status, lastSeq }
}

/** The one with the higher score, the earlier one where they are equal. */
function better(best: History['best'], { steps, score }: CheckpointCreated): History['best'] {
  if (score === null) return best
  const wins = !best || score > best.score || (score === best.score && steps < best.steps)
  return wins ? { steps, score } : best
}

/** After a resume from an older checkpoint, updates beyond it are removed as soon as new ones arrive. */
function withoutUndone(updates: TrainingUpdate[], evaluations: Evaluation[]): Pick<History, 'updates' | 'evaluations'> {
  const bySeq = [...updates, ...evaluations].sort((a, b) => b.seq - a.seq)
  let lowest = Number.POSITIVE_INFINITY
  const undone = new Set<number>()
  for (const { seq, steps } of bySeq) {
    if (steps > lowest) undone.add(seq)
    else lowest = steps
  }
  if (undone.size === 0) return { updates, evaluations }
  const isReached = ({ seq }: { seq: number }): boolean => !undone.has(seq)
  return { updates: updates.filter(isReached), evaluations: evaluations.filter(isReached) }
}

/** Merge two lists by seq; where the newcomers only append, nothing is sorted. */
function merged<T extends { seq: number }>(current: T[], arrived: T[]): T[] {
  if (arrived.length === 0) return current
  const bySeq = new Map(current.map((message) => [message.seq, message]))
  for (const message of arrived) bySeq.set(message.seq, message)
  const all = [...bySeq.values()]
  return isRising(all) ? all : all.sort((a, b) => a.seq - b.seq)
}

const isRising = (messages: { seq: number }[]): boolean =>
  messages.every((message, index) => index === 0 || (messages[index - 1] as { seq: number }).seq < message.seq)

/** Every other one of the older half goes, so that the newest stay whole and the first stays. */
function thinned(updates: TrainingUpdate[]): TrainingUpdate[] {
  if (updates.length <= MAX_UPDATES) return updates
  const half = Math.floor(updates.length / 2)
  return updates.filter((_, index) => index >= half || index % 2 === 0)
}

export const newestUpdate = (history: History): TrainingUpdate | undefined => history.updates.at(-1)

/** What the horizontal axis of a chart counts. */
export type ChartAxis = 'moves' | 'minutes'

export interface ScoreSeries {
  /** moves or minutes */
  x: number[]
  /** mean of recent games of the training */
  score: (number | null)[]
  /** mean of seeded games, at the steps at which they were played, in the newest way of playing */
  evaluated: (number | null)[]
  /** the middle half of those games */
  quartiles: { low: (number | null)[]; high: (number | null)[] }
  random: number | undefined
  greedy: number | undefined
}

interface ScoreRow {
  score: number | null
  evaluation: Evaluation | null
}

/** The lines of the score chart, on one axis; nothing beyond `limit` moves, from which a run that ended would continue. */
export function scoreSeries(history: History, axis: ChartAxis = 'moves', limit = Number.POSITIVE_INFINITY): ScoreSeries {
  const rows = new Map<number, ScoreRow>()
  const row = (steps: number): ScoreRow => {
    const values = rows.get(steps) ?? { score: null, evaluation: null }
    rows.set(steps, values)
    return values
  }
  const { evaluations } = history
  const updates = history.updates.filter(({ steps }) => steps <= limit)
  for (const { steps, score } of updates) if (score !== null) row(steps).score = score
  const last = evaluations.at(-1)
  for (const evaluation of evaluations)
    if (evaluation.policy === last?.policy && evaluation.steps <= limit) row(evaluation.steps).evaluation = evaluation
  const steps = [...rows.keys()].sort((a, b) => a - b)
  const values = steps.map((at) => rows.get(at) as ScoreRow)
  return {
    x: axis === 'moves' ? steps : minutesAt(steps, history.updates),
    score: values.map(({ score }) => score),
    evaluated: values.map(({ evaluation }) => evaluation?.mean_score ?? null),
    quartiles: {
      low: values.map(({ evaluation }) => evaluation?.quartiles[0] ?? null),
      high: values.map(({ evaluation }) => evaluation?.quartiles[1] ?? null),
    },
    random: last?.random_score,
    greedy: last?.greedy_score,
  }
}

/** Minutes trained when these moves (rising) were made, from the first update that reports as many. */
function minutesAt(steps: readonly number[], updates: readonly TrainingUpdate[]): number[] {
  let index = 0
  return steps.map((at) => {
    while (index < updates.length - 1 && (updates[index] as TrainingUpdate).steps < at) index += 1
    return (updates[index]?.elapsed_s ?? 0) / 60
  })
}

/** The place of updates on an axis. */
export const placesOf = (updates: readonly TrainingUpdate[], axis: ChartAxis): number[] =>
  updates.map(({ steps, elapsed_s }) => (axis === 'moves' ? steps : elapsed_s / 60))

/** The newest test games by which a run is judged: those of the most likely move, which is what an exported network plays. */
export function headlineOf(history: History): Evaluation | undefined {
  const newest = newestEvaluations(history)
  return newest.find(({ policy }) => policy === 'greedy') ?? newest.at(-1)
}

/** The newest evaluation of each policy, in the order in which the policies are evaluated. */
export function newestEvaluations({ evaluations }: History): Evaluation[] {
  const byPolicy = new Map(evaluations.map((evaluation) => [evaluation.policy, evaluation]))
  return [...byPolicy.values()].sort((a, b) => a.seq - b.seq)
}
