/** What a run is called, what it trains and how: its algorithm, and whether the design is still the one it began with. */

import type { ReactNode } from 'react'
import { hasChangedSince, useDrawnHash } from '../editor/drawing_changed'
import type { Run, RunStatus } from '../generated/wire'
import { learnedBy } from '../runs/labels'
import { isActive } from '../runs/selected_run'
import { Tags } from '../runs/Tags'
import { lowerFirst } from '../ui/words'
import './run-subject.css'

interface Props {
  run: Run
  status: RunStatus
  /** the buttons beside it */
  actions?: ReactNode
}

export function RunSubject({ run, status, actions }: Props) {
  const isOther = hasChangedSince(run.design_hash, useDrawnHash())
  const algorithm = learnedBy(run)
  return (
    <div className="run-subject">
      <div className="run-subject-words">
        {run.name && <b className="run-name">{run.name}</b>}
        <p>
          {algorithm && `${isActive(status) ? 'Learns' : 'Learned'} ${lowerFirst(algorithm.title)} (${algorithm.term}).`}
          {isOther && <b> The design has changed since this run began.</b>}
        </p>
        {run.note && <p className="run-note">{run.note}</p>}
        <Tags tags={run.tags} />
      </div>
      {actions}
    </div>
  )
}
