/** Which runs are chosen to be compared, and in which order they are offered. */

import type { Run } from '../generated/wire'
import { MAX_COMPARED } from '../navigation/results'

export interface RunGroup {
  designId: string
  runs: Run[]
}

/** Add a run or take it away; nothing is added to as many as can be compared. */
export function toggled(chosen: readonly string[], runId: string): string[] {
  if (chosen.includes(runId)) return chosen.filter((id) => id !== runId)
  return chosen.length < MAX_COMPARED ? [...chosen, runId] : [...chosen]
}

/** The runs to choose from by design, the newest first: those of the design of the first chosen run, then the others. */
export function offered(runs: readonly Run[], chosen: readonly string[]): RunGroup[] {
  const groups = new Map<string, Run[]>()
  const first = runs.find(({ id }) => id === chosen[0])
  if (first) groups.set(first.design_id, [])
  for (const run of runs) groups.set(run.design_id, [...(groups.get(run.design_id) ?? []), run])
  return [...groups].map(([designId, own]) => ({ designId, runs: own }))
}
