/** The buttons of a run: pause or resume, stop, delete, export. */

import { useStore } from 'zustand'
import { ExportButton, useKeepsNetwork } from '../export/ExportButton'
import type { Run, RunStatus } from '../generated/wire'
import { Icon } from '../ui/Icon'
import './controls.css'
import { newestUpdate } from '../runs/run_history'
import { controlRun, isFinishing, movesOf, statusOf, type TrainState, trainStore } from '../runs/runs'
import { canGoOn, isActive, isStuck } from '../runs/selected_run'
import { DeleteRun } from './RunDeletion'

export function RunControls({ run }: { run: Run }) {
  const status = useStore(trainStore, statusOf)
  const finishing = useStore(trainStore, isFinishing)
  const skips = finishing && run.phase === 'evaluating'
  const steps = useStore(trainStore, (state) => movesOf(state).made)
  const played = useStore(trainStore, hasPlayed)
  const keeps = useKeepsNetwork(run.design_id)
  const resume = (
    <button type="button" className="button" onClick={() => void controlRun('resume')}>
      <Icon name="train" /> Resume
    </button>
  )
  const pause = (
    <button type="button" className="button" disabled={!isPausable(run, status)} onClick={() => void controlRun('pause')}>
      <Icon name="pause" /> Pause
    </button>
  )
  return (
    <div className="run-controls">
      {isActive(status) && (
        <>
          {status === 'paused' ? resume : !finishing && pause}
          <button type="button" className={skips ? 'button skip-tests' : 'button'} onClick={() => void controlRun('stop')}>
            <Icon name="stop" /> {skips ? 'Skip test games' : 'Stop'}
          </button>
        </>
      )}
      {status && <DeleteRun key={run.id} run={{ ...run, status, steps }} />}
      {canGoOn(status) && resume}
      <ExportButton designId={run.design_id} runId={run.id} disabled={!played && !keeps} />
    </div>
  )
}

/** A process that does not respond would not pause; it can only be stopped. */
const isPausable = (run: Run, status: RunStatus | undefined): boolean => status === 'running' && !isStuck(run)

/** Whether any run of the design, as far as known, has a network to export. */
const hasPlayed = ({ run, history, others }: TrainState): boolean =>
  (run?.steps ?? 0) > 0 || (history ? newestUpdate(history) !== undefined : false) || others.some(({ steps }) => steps > 0)
