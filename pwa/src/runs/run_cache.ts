/** Caches the results of the newest runs on the phone, so that the list of designs shows scores offline. */

import type { Run, RunStatus } from '../generated/wire'
import { persisted, recordOf } from '../lib/persisted'
import { bestOf, isStuck } from './selected_run'

export interface RunSummary {
  status: RunStatus
  best: number | null
  share: number
  /** whether its process is known not to answer; missing in what older versions kept */
  stuck?: boolean
}

const storedRuns = persisted('model-studio-runs', recordOf<RunSummary>)

/** Keep what all runs of the server came to, listed the newest first; designs without a run are forgotten. */
export function rememberRuns(runs: readonly Run[]): void {
  storedRuns.write(summariesOf(runs))
}

/** Keep what the remaining runs of one design came to, the newest first, after one of them was deleted. */
export function rememberRunsOf(designId: string, runs: readonly Run[]): void {
  const { [designId]: _, ...others } = rememberedRuns()
  storedRuns.write({ ...others, ...summariesOf(runs) })
}

function summariesOf(runs: readonly Run[]): Record<string, RunSummary> {
  const byDesign: Record<string, RunSummary> = {}
  for (const run of [...runs].reverse()) {
    const before = byDesign[run.design_id]?.best ?? null
    const best = bestOf(run)
    byDesign[run.design_id] = {
      status: run.status,
      best: before === null ? best : best === null ? before : Math.max(before, best),
      share: run.total_steps > 0 ? run.steps / run.total_steps : 0,
      stuck: isStuck(run),
    }
  }
  return byDesign
}

/** The kept summaries by design id. */
export const rememberedRuns = (): Record<string, RunSummary> => storedRuns.read()
