/** Names, notes and tags of runs that no server has confirmed yet. */

import type { Run, RunLabels } from '../generated/wire'
import { persisted, recordOf } from '../lib/persisted'

/** By run. */
export const waitingLabels = persisted('model-studio-run-labels', recordOf<RunLabels>)

/** A run as the server lists it, with what was written about it since. */
export const withWaitingLabels = (run: Run): Run => ({ ...run, ...waitingLabels.read()[run.id] })
