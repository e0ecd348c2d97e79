/** What a run trains and how: its algorithm, and whether the design is still the one it began with. */

import { hasChangedSince, useDrawnHash } from '../editor/drawing_changed'
import type { Run, RunStatus } from '../generated/wire'
import { learnedBy } from '../runs/labels'
import { isActive } from '../runs/selected_run'
import { lowerFirst } from '../ui/words'
import './run-subject.css'

export function RunSubject({ run, status }: { run: Run; status: RunStatus }) {
  const isOther = hasChangedSince(run.design_hash, useDrawnHash())
  const algorithm = learnedBy(run)
  return (
    <p className="run-subject">
      {algorithm && `${isActive(status) ? 'Learns' : 'Learned'} ${lowerFirst(algorithm.title)} (${algorithm.term}).`}
      {isOther && <b> The design has changed since this run began.</b>}
    </p>
  )
}
