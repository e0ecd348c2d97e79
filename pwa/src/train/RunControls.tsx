/** The buttons of a run: pause, stop; once it has ended, play, export, train longer or continue. */

import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { ExportButton, useKeepsNetwork } from '../export/ExportButton'
import type { Run, RunStatus } from '../generated/wire'
import { openTraining, trainLonger } from '../runs/train_again'
import { isOpen } from '../storage/commands'
import { Icon } from '../ui/Icon'
import './controls.css'
import { canTrainLonger } from '../runs/longer'
import { playRun } from '../runs/play_run'
import { newestUpdate } from '../runs/run_history'
import { controlRun, isFinishing, type RunCommand, statusOf, type TrainState, trainStore } from '../runs/runs'
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
        <ActiveButtons key={run.id} run={run} status={status} />
        {exporting}
      </div>
    )
  }
  return (
    <div className="run-controls" data-ended>
      <button type="button" className="button" disabled={!hasNetwork} onClick={() => playRun(run)}>
        <Icon name="play" /> Play
      </button>
      {exporting}
      {status === 'stopped' && (
        <button type="button" className="button train-more" data-look="primary" onClick={() => void controlRun('resume')}>
          <Icon name="train" /> Continue
        </button>
      )}
      <TrainMore run={run} status={status} />
    </div>
  )
}

/**
 * Trains the run longer, or without a checkpoint starts a new run. After a stop or a failure another button is the primary one.
 */
function TrainMore({ run, status }: { run: Run; status: RunStatus | undefined }) {
  const busy = useStore(trainStore, ({ command }) => command !== undefined && isOpen(command))
  const longer = canTrainLonger({ ...run, status: status ?? run.status })
  const train = () => (longer ? trainLonger(run) : openTraining(run.design_id))
  const look = status === 'finished' ? ({ 'data-look': 'primary' } as const) : undefined
  return (
    <button type="button" className={look ? 'button train-more' : 'button'} {...look} disabled={busy} onClick={train}>
      {longer ? 'Train longer' : 'Train'}
    </button>
  )
}

function ActiveButtons({ run, status }: { run: Run; status: RunStatus | undefined }) {
  const finishing = useStore(trainStore, isFinishing)
  const skips = finishing && run.phase === 'evaluating'
  const [asked, ask] = useAsked(status)
  const stopWords = skips ? 'Skip test games' : 'Stop'
  return (
    <>
      {status === 'paused' && (
        <button type="button" className="button" disabled={asked !== null} onClick={() => void ask('resume')}>
          <Icon name="train" /> {asked === 'resume' ? 'Resuming…' : 'Resume'}
        </button>
      )}
      {status !== 'paused' && !finishing && (
        <button
          type="button"
          className="button"
          disabled={!isPausable(run, status) || asked !== null}
          onClick={() => void ask('pause')}
        >
          <Icon name="pause" /> {asked === 'pause' ? 'Pausing…' : 'Pause'}
        </button>
      )}
      <button
        type="button"
        className={skips ? 'button skip-tests' : 'button'}
        disabled={asked !== null && !isStuck(run)}
        onClick={() => void ask('stop')}
      >
        <Icon name="stop" /> {asked === 'stop' ? 'Stopping…' : stopWords}
      </button>
    </>
  )
}

/** The command that was sent and is not carried out yet; a run carries it out a second or two later. */
function useAsked(status: RunStatus | undefined): [RunCommand | null, (command: RunCommand) => Promise<void>] {
  const [asked, setAsked] = useState<RunCommand | null>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the run has followed the command when its status changes
  useEffect(() => setAsked(null), [status])
  const ask = async (command: RunCommand) => {
    setAsked(command)
    if (!(await controlRun(command))) setAsked(null)
  }
  return [asked, ask]
}

/** A process that does not respond would not pause; it can only be stopped. */
const isPausable = (run: Run, status: RunStatus | undefined): boolean => status === 'running' && !isStuck(run)

/** Whether any run of the design, as far as known, has a network to export. */
const hasPlayed = ({ run, history, others }: TrainState): boolean =>
  (run?.steps ?? 0) > 0 || (history ? newestUpdate(history) !== undefined : false) || others.some(({ steps }) => steps > 0)
