/** Which of a design's runs the Train screen follows, and what can be said of a run without its messages. */

import type { Run, RunStatus } from '../generated/wire'

export const isActive = (status: RunStatus | undefined): boolean =>
  status === 'queued' || status === 'running' || status === 'paused'

/** Whether the process of an active run does not answer; older servers do not tell. */
export const isStuck = ({ status, responding }: Pick<Run, 'status'> & Partial<Pick<Run, 'responding'>>): boolean =>
  isActive(status) && responding === false

/** The best mean score known of a run: of a checkpoint, or where it stands; null before there was any. */
export const bestOf = ({ best_score, score }: Run): number | null =>
  best_score === null || score === null ? (best_score ?? score) : Math.max(best_score, score)

/** Whether a run that ended can go on, from its checkpoint or from its beginning. */
export const canGoOn = (status: RunStatus | undefined): boolean =>
  status === 'stopped' || status === 'interrupted' || status === 'failed'

interface Followed {
  run: Run | null
  /** the other runs of the design, the newest first */
  others: Run[]
}

/**
 * The run that was chosen, else the one at work, else the next in line, else the newest. `runs` are the newest first, as the
 * server lists them: the clock may have been set back between two of them.
 */
export function followedRun(runs: readonly Run[], designId: string, chosen: string | null = null): Followed {
  const newestFirst = runs.filter((run) => run.design_id === designId)
  const run =
    newestFirst.find(({ id }) => id === chosen) ??
    newestFirst.findLast(({ status }) => status === 'running' || status === 'paused') ??
    newestFirst.findLast(({ status }) => status === 'queued') ??
    newestFirst[0] ??
    null
  return { run, others: newestFirst.filter((other) => other !== run) }
}

/** The runs that the server trains before a queued one, the next one first; `runs` are the newest first. */
export function runsAhead(runs: readonly Run[], queued: Run): Run[] {
  const place = runs.findIndex(({ id }) => id === queued.id)
  const older = runs.slice(place + 1).filter(({ status }) => status === 'queued')
  const training = runs.filter(({ id, status }) => status === 'running' && id !== queued.id)
  return [...training, ...older.reverse()]
}

/** Whether an active run has made its last move: what follows are an evaluation and its end. */
export const hasMadeAllMoves = (status: RunStatus | undefined, steps: number, total: number): boolean =>
  isActive(status) && total > 0 && steps >= total
