/** Names and tags of runs for lists of networks and exports, stored on the phone so that they are available offline. */

import type { Run } from '../generated/wire'
import { persisted, recordOf } from '../lib/persisted'
import { waitingLabels } from './waiting_labels'

export type RunNames = Pick<Run, 'name' | 'tags'>

const MAX_RUNS = 300

/** By run id, the most recently named last. A deleted run keeps its entry, since its networks may still be on the phone. */
const storedNames = persisted('model-studio-run-names', recordOf<Partial<RunNames>>)

/** Keep the names and tags of these runs; servers of older versions have none. */
export function rememberNames(runs: readonly (Pick<Run, 'id'> & Partial<RunNames>)[]): void {
  const before = storedNames.read()
  const names = { ...before }
  for (const { id, name, tags } of runs) {
    delete names[id]
    if (name || tags?.length) names[id] = { name: name ?? '', tags: tags ?? [] }
  }
  const after = Object.fromEntries(Object.entries(names).slice(-MAX_RUNS))
  if (JSON.stringify(after) !== JSON.stringify(before)) storedNames.write(after)
}

/** Name and tags of a run: an unsent edit of this phone, else the stored entry, else those of a list of the server. */
export function namesOf(runId: string, listed?: Partial<RunNames>): RunNames {
  const { name, tags }: Partial<RunNames> = waitingLabels.read()[runId] ?? storedNames.read()[runId] ?? listed ?? {}
  return { name: name ?? '', tags: tags ?? [] }
}
