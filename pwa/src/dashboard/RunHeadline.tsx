/** One line on how the run stands: status, share done, time left; and what to do when something is wrong. */

import { useStore } from 'zustand'
import type { RunStatus } from '../generated/wire'
import { useOfflineDebounced } from '../platform/useOfflineDebounced'
import { useServerReachable } from '../platform/useServerReachable'
import { isActive, isStuck } from '../runs/selected_run'
import { duration, percentDone, roughly } from '../ui/numbers'
import { upperFirst } from '../ui/words'
import './headline.css'
import { standingWords } from '../runs/labels'
import { newestUpdate } from '../runs/run_history'
import {
  canCancel,
  cancelRun,
  isFinishing,
  movesOf,
  type StoredCommand,
  statusOf,
  type TrainState,
  trainStore,
} from '../runs/runs'
import { RunNotices } from './RunNotices'
import { RunSubject } from './RunSubject'
import { usePhase } from './usePhase'

/** What to do about a run that ended by itself and left no word on it. */
const ADVICE: Partial<Record<RunStatus, string>> = {
  failed: 'The design is safe. Resume, or train again: smaller if memory ran out.',
  interrupted: 'The server went away while it ran. Resume takes it up at its last checkpoint.',
}

export function RunHeadline() {
  const state = useStore(trainStore)
  const { command, run, trouble } = state
  const starting = command && (command.status === 'waiting' || command.status === 'running')
  return (
    <div className="run-headline" role="status" aria-label="Run">
      {starting && <Starting command={command} />}
      {command?.status === 'failed' && (
        <p className="trouble">{command.problem?.detail || 'The server refused to start. Try again.'}</p>
      )}
      {!starting && run && <Standing state={state} />}
      {!starting && trouble && <p className="quiet">{trouble}</p>}
    </div>
  )
}

function Starting({ command }: { command: StoredCommand }) {
  const inReach = useServerReachable()
  const unanswered = command.status === 'waiting' && !inReach
  const cancellable = unanswered && canCancel(command)
  return (
    <p className="starting">
      <span className="spinner" aria-hidden="true" /> {startingWords(unanswered, cancellable)}
      {cancellable && (
        <button type="button" className="button" onClick={() => void cancelRun()}>
          Cancel
        </button>
      )}
    </p>
  )
}

/** Once a call has carried the command the server may have it, whatever became of the answer. */
function startingWords(unanswered: boolean, cancellable: boolean): string {
  if (!unanswered) return 'Starting…'
  return cancellable
    ? 'Waiting for the connection. Then it starts.'
    : 'Sent, but no answer has come yet. It starts once the server has it, and can be stopped then.'
}

function Standing({ state }: { state: TrainState }) {
  const { run } = state
  const offline = useOfflineDebounced()
  const stuck = run !== null && isStuck(run)
  const phase = usePhase(run?.phase)
  const status = statusOf(state)
  const update = state.history ? newestUpdate(state.history) : undefined
  const { made, total } = movesOf(state)
  const finishing = isFinishing(state)
  const timed = (status === 'running' || status === 'paused') && !finishing && !offline && !stuck
  const left = timed ? state.secondsLeft : undefined
  if (!status) return null
  return (
    <>
      <p className="standing" data-status={status}>
        <span className="standing-words">
          <b>{standingWords(status, phase, stuck)}</b>
          {total > 0 && isActive(status) && <span>{finishing ? 'all moves made' : percentDone(made / total)}</span>}
          {!isActive(status) && <span>{made > 0 ? `after ${roughly(made)} moves` : 'before its first move'}</span>}
          {isActive(status) && offline && <span>when last heard</span>}
          {left !== undefined && <span>{left > 0 ? `about ${duration(left)} left` : 'under a minute left'}</span>}
        </span>
        {update?.score != null && <span className="score-now">{roughly(update.score)}</span>}
      </p>
      {total > 0 && isActive(status) && <progress className="run-progress" value={made} max={total} aria-label="Moves played" />}
      {run && <RunNotices run={run} />}
      {run && <RunSubject run={run} status={status} />}
      <Reason status={status} reason={state.history?.status?.reason ?? run?.reason} />
    </>
  )
}

/** Why a run ended, else what can be done where it ended by itself. */
function Reason({ status, reason }: { status: RunStatus; reason: string | null | undefined }) {
  const advice = ADVICE[status]
  if (reason && status === 'finished') return <p className="quiet">{upperFirst(reason).replace(/[^.!?]$/, '$&.')}</p>
  if (reason) return <p className="trouble">{reason}</p>
  return advice ? <p className="quiet">{advice}</p> : null
}
