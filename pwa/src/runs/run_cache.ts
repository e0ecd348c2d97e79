/** What the newest runs came to, kept on the phone so that the list of designs can show scores without a network. */

import type { Run, RunStatus } from '../generated/wire'
import { bestOf, isStuck } from './selected_run'

const REMEMBERED = 'model-studio-runs'

export interface RunSummary {
  status: RunStatus
  best: number | null
  share: number
  /** whether its process is known not to answer; missing in what older versions kept */
  stuck?: boolean
}

/** Keep what all runs of the server came to, listed the newest first; designs without a run are forgotten. */
export function rememberRuns(runs: readonly Run[]): void {
  keep(summariesOf(runs))
}

/** Keep what the remaining runs of one design came to, the newest first, after one of them was deleted. */
export function rememberRunsOf(designId: string, runs: readonly Run[]): void {
  const { [designId]: _, ...others } = rememberedRuns()
  keep({ ...others, ...summariesOf(runs) })
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

function keep(byDesign: Record<string, RunSummary>): void {
  try {
    localStorage.setItem(REMEMBERED, JSON.stringify(byDesign))
  } catch {
    // a full or forbidden store costs only the scores on the list
  }
}

export function rememberedRuns(): Record<string, RunSummary> {
  try {
    return JSON.parse(localStorage.getItem(REMEMBERED) ?? '{}') as Record<string, RunSummary>
  } catch {
    return {}
  }
}
