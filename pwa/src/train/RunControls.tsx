/** The buttons of a run: pause or resume, stop, delete, export. */

import { useStore } from 'zustand'
import { ExportButtons, ExportStatus } from '../export/ExportButtons'
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
  const chosen = useStore(trainStore, (state) => state.chosen === run.id)
  const best = useStore(trainStore, ({ history }) => history?.best?.steps)
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
      <ExportStatus shownRun={run.id} />
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
      <ExportButtons
        designId={run.design_id}
        shownRun={run.id}
        runId={chosen || best !== undefined ? run.id : undefined}
        bestAfter={best}
        disabled={!played}
      />
    </div>
  )
}

/** A process that does not respond would not pause; it can only be stopped. */
const isPausable = (run: Run, status: RunStatus | undefined): boolean => status === 'running' && !isStuck(run)

/** Whether the chosen run, or any run where none was chosen, has a network to export. */
const hasPlayed = ({ run, history, others, chosen }: TrainState): boolean =>
  (run?.steps ?? 0) > 0 ||
  (history ? newestUpdate(history) !== undefined : false) ||
  (chosen !== run?.id && others.some(({ steps }) => steps > 0))
