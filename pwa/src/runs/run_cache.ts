/** The runs of the server as they were last listed, and on the phone what they came to, so that the list of designs shows scores offline. */

import { createStore } from 'zustand/vanilla'
import type { Run, RunStatus } from '../generated/wire'
import { persisted, recordOf } from '../lib/persisted'
import { rememberNames } from './run_names'
import { bestOf, isActive, isStuck } from './selected_run'

/** What the list of designs says of a design: the run at work, else the newest. */
export interface RunSummary {
  status: RunStatus
  /** of all runs of the design */
  best: number | null
  /** of this run, where it stands; missing in what older versions kept */
  score?: number | null
  share: number
  /** whether its process is known not to answer; missing in what older versions kept */
  stuck?: boolean
}

const storedRuns = persisted('model-studio-runs', recordOf<RunSummary>)

/** All runs of the server, the newest first; empty until they were listed once. */
export const runsStore = createStore<{ runs: readonly Run[] }>(() => ({ runs: [] }))

/** Keep what all runs of the server came to, listed the newest first; designs without a run are forgotten. */
export function rememberRuns(runs: readonly Run[]): void {
  runsStore.setState({ runs })
  storedRuns.write(summariesOf(runs))
  rememberNames(runs)
}

/** Keep what the remaining runs of one design came to, the newest first, after one of them was deleted. */
export function rememberRunsOf(designId: string, runs: readonly Run[]): void {
  const { [designId]: _, ...others } = rememberedRuns()
  const kept = new Set(runs.map(({ id }) => id))
  runsStore.setState((state) => ({ runs: state.runs.filter((run) => run.design_id !== designId || kept.has(run.id)) }))
  storedRuns.write({ ...others, ...summariesOf(runs) })
}

/** By design id: the run at work, else the newest of `runs`, which are the newest first; with the best score of all. */
export function summariesOf(runs: readonly Run[]): Record<string, RunSummary> {
  const byDesign: Record<string, RunSummary> = {}
  for (const run of [...runs].reverse()) {
    const before = byDesign[run.design_id]
    const best = higher(before?.best ?? null, bestOf(run))
    byDesign[run.design_id] =
      before && isActive(before.status) && !isActive(run.status) ? { ...before, best } : summaryOf(run, best)
  }
  return byDesign
}

const summaryOf = (run: Run, best: number | null): RunSummary => ({
  status: run.status,
  best,
  score: run.score,
  share: run.total_steps > 0 ? run.steps / run.total_steps : 0,
  stuck: isStuck(run),
})

const higher = (a: number | null, b: number | null): number | null => (a === null || b === null ? (a ?? b) : Math.max(a, b))

/** The kept summaries by design id. */
export const rememberedRuns = (): Record<string, RunSummary> => storedRuns.read()
