/** Which of a design's runs the Train screen follows, and what can be said of a run without its messages. */

import type { Run, RunStatus } from '../generated/wire'

export const isActive = (status: RunStatus | undefined): boolean =>
  status === 'queued' || status === 'running' || status === 'paused'

/** The run at work, else the next in line, else the newest; and whether any other has played a move. */
export function followedRun(runs: readonly Run[], designId: string): { run: Run | null; othersPlayed: boolean } {
  const oldestFirst = runs.filter((run) => run.design_id === designId).sort((a, b) => (a.created_at < b.created_at ? -1 : 1))
  const atWork = oldestFirst.find(({ status }) => status === 'running' || status === 'paused')
  const run = atWork ?? oldestFirst.find(({ status }) => status === 'queued') ?? oldestFirst.at(-1) ?? null
  return { run, othersPlayed: oldestFirst.some((other) => other !== run && other.steps > 0) }
}
