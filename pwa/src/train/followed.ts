/** Which of a design's runs the Train screen follows, and what can be said of a run without its messages. */

import type { Run, RunStatus } from '../generated/wire'

export const isActive = (status: RunStatus | undefined): boolean =>
  status === 'queued' || status === 'running' || status === 'paused'

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

/** The run that was chosen, else the one at work, else the next in line, else the newest. */
export function followedRun(runs: readonly Run[], designId: string, chosen: string | null = null): Followed {
  const oldestFirst = runs.filter((run) => run.design_id === designId).sort((a, b) => (a.created_at < b.created_at ? -1 : 1))
  const run =
    oldestFirst.find(({ id }) => id === chosen) ??
    oldestFirst.find(({ status }) => status === 'running' || status === 'paused') ??
    oldestFirst.find(({ status }) => status === 'queued') ??
    oldestFirst.at(-1) ??
    null
  return { run, others: oldestFirst.filter((other) => other !== run).reverse() }
}
