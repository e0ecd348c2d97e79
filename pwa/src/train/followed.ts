/** Which of a design's runs the Train screen follows, and what can be said of a run without its messages. */

import type { Run, RunStatus } from '../generated/wire'

export const isActive = (status: RunStatus | undefined): boolean =>
  status === 'queued' || status === 'running' || status === 'paused'

/** Whether a run that ended can go on from its checkpoint. */
export const canGoOn = ({ steps }: Run, status: RunStatus | undefined): boolean =>
  steps > 0 && (status === 'stopped' || status === 'interrupted' || status === 'failed')

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
