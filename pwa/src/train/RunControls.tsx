/** The buttons of a run: pause, stop; once it has ended, play, export, train longer or continue. */

import { useStore } from 'zustand'
import { ExportButton, useKeepsNetwork } from '../export/ExportButton'
import type { Run, RunStatus } from '../generated/wire'
import { goTo } from '../navigation/router'
import { openTraining } from '../runs/train_again'
import { Icon } from '../ui/Icon'
import './controls.css'
import { newestUpdate } from '../runs/run_history'
import { controlRun, isFinishing, statusOf, type TrainState, trainStore } from '../runs/runs'
import { isActive, isStuck } from '../runs/selected_run'

export function RunControls({ run }: { run: Run }) {
  const status = useStore(trainStore, statusOf)
  const played = useStore(trainStore, hasPlayed)
  const keeps = useKeepsNetwork(run.design_id)
  const hasNetwork = played || keeps
  const exporting = <ExportButton designId={run.design_id} runId={run.id} disabled={!hasNetwork} />
  if (isActive(status)) {
    return (
      <div className="run-controls">
        <ActiveButtons run={run} status={status} />
        {exporting}
      </div>
    )
  }
  return (
    <div className="run-controls" data-ended>
      <button type="button" className="button" disabled={!hasNetwork} onClick={() => goTo({ screen: 'play', id: run.design_id })}>
        <Icon name="play" /> Play
      </button>
      {exporting}
      {status === 'stopped' && (
        <button type="button" className="button" onClick={() => void controlRun('resume')}>
          <Icon name="train" /> Continue
        </button>
      )}
      <button
        type="button"
        className="button train-more"
        data-look="primary"
        onClick={() => openTraining(run.design_id, status === 'finished' ? run : undefined)}
      >
        {status === 'finished' ? 'Train longer' : 'Train'}
      </button>
    </div>
  )
}

function ActiveButtons({ run, status }: { run: Run; status: RunStatus | undefined }) {
  const finishing = useStore(trainStore, isFinishing)
  const skips = finishing && run.phase === 'evaluating'
  return (
    <>
      {status === 'paused' && (
        <button type="button" className="button" onClick={() => void controlRun('resume')}>
          <Icon name="train" /> Resume
        </button>
      )}
      {status !== 'paused' && !finishing && (
        <button type="button" className="button" disabled={!isPausable(run, status)} onClick={() => void controlRun('pause')}>
          <Icon name="pause" /> Pause
        </button>
      )}
      <button type="button" className={skips ? 'button skip-tests' : 'button'} onClick={() => void controlRun('stop')}>
        <Icon name="stop" /> {skips ? 'Skip test games' : 'Stop'}
      </button>
    </>
  )
}

/** A process that does not respond would not pause; it can only be stopped. */
const isPausable = (run: Run, status: RunStatus | undefined): boolean => status === 'running' && !isStuck(run)

/** Whether any run of the design, as far as known, has a network to export. */
const hasPlayed = ({ run, history, others }: TrainState): boolean =>
  (run?.steps ?? 0) > 0 || (history ? newestUpdate(history) !== undefined : false) || others.some(({ steps }) => steps > 0)
