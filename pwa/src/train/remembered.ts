/** What the newest runs came to, kept on the phone so that the list of designs can show scores without a network. */

import type { Run, RunStatus } from '../generated/wire'
import { bestOf, oldestFirst } from './followed'

const REMEMBERED = 'model-studio-runs'

export interface RunSummary {
  status: RunStatus
  best: number | null
  share: number
}

export function rememberRuns(runs: readonly Run[]): void {
  const byDesign: Record<string, RunSummary> = {}
  for (const run of oldestFirst(runs)) {
    const before = byDesign[run.design_id]?.best ?? null
    const best = bestOf(run)
    byDesign[run.design_id] = {
      status: run.status,
      best: before === null ? best : best === null ? before : Math.max(before, best),
      share: run.total_steps > 0 ? run.steps / run.total_steps : 0,
    }
  }
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
