/** How the run stands: what it does now, how much is done, time left; and what to do when something is wrong. */

import type { ReactNode } from 'react'
import { useStore } from 'zustand'
import { useOfflineDebounced } from '../platform/useOfflineDebounced'
import { useServerReachable } from '../platform/useServerReachable'
import { isActive, isStuck } from '../runs/selected_run'
import { duration, exactly, percentDone, roughly } from '../ui/numbers'
import { upperFirst } from '../ui/words'
import './headline.css'
import { slowWords } from '../runs/expected_time'
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
  testGamesOf,
  trainStore,
} from '../runs/runs'
import { RunEnding } from './RunEnding'
import { RunNotices } from './RunNotices'
import { RunSubject } from './RunSubject'
import { usePhase } from './usePhase'
import { useQueueWords } from './useQueueWords'

/** `actions` are the buttons beside the name of the run. */
export function RunHeadline({ actions }: { actions?: ReactNode }) {
  const state = useStore(trainStore)
  const { command, run, trouble } = state
  const starting = command && (command.status === 'waiting' || command.status === 'running')
  return (
    <div className="run-headline" role="status" aria-label="Run">
      {starting && <Starting command={command} />}
      {command?.status === 'failed' && (
        <p className="trouble">{upperFirst(command.problem?.detail || 'The server refused to start. Try again.')}</p>
      )}
      {!starting && run && <Standing state={state} actions={actions} />}
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
      <span className="spinner" aria-hidden="true" /> {startingWords(unanswered, cancellable, command.continues !== undefined)}
      {cancellable && (
        <button type="button" className="button" onClick={() => void cancelRun()}>
          Cancel
        </button>
      )}
    </p>
  )
}

/** Once a call has carried the command the server may have it, whatever became of the answer. */
function startingWords(unanswered: boolean, cancellable: boolean, goesOn: boolean): string {
  if (!unanswered) return 'Starting…'
  const starts = goesOn ? 'goes on' : 'starts'
  return cancellable
    ? `Waiting for the connection. Then it ${starts}.`
    : `Sent, but no answer has come yet. It ${starts} once the server has it, and can be stopped then.`
}

function Standing({ state, actions }: { state: TrainState; actions: ReactNode }) {
  const { run } = state
  const offline = useOfflineDebounced()
  const status = statusOf(state)
  const { made, total } = movesOf(state)
  if (!status || !run) return null
  return (
    <>
      <p className="standing" data-status={status}>
        <b>
          <PhaseWords state={state} />
        </b>
        {isActive(status) && status !== 'queued' && total > 0 && (
          <span>{isFinishing(state) ? 'all moves made' : percentDone(made / total)}</span>
        )}
        {!isActive(status) && <span>{made > 0 ? `after ${roughly(made)} moves` : 'before its first move'}</span>}
        {isActive(status) && offline && <span>at the last update</span>}
        <TimeLeft state={state} offline={offline} />
      </p>
      {total > 0 && isActive(status) && status !== 'queued' && (
        <progress className="run-progress" value={made} max={total} aria-label="Moves played" />
      )}
      {status === 'running' && !offline && <Slowness state={state} />}
      <RunNotices run={run} />
      <RunSubject run={run} status={status} actions={actions} />
      {!isActive(status) && <RunEnding run={{ ...run, status, reason: state.history?.status?.reason ?? run.reason }} />}
    </>
  )
}

/** "Waits for a processor: …", as the server says it of a run in a cluster. */
function waitingWords(cause: string): string {
  return cause.charAt(0).toUpperCase() + cause.slice(1)
}

/** "Training", "Testing 40 of 128 games", "Waiting behind “Tiny MLP”" … */
function PhaseWords({ state }: { state: TrainState }) {
  const { run, ahead } = state
  const phase = usePhase(run?.phase)
  const status = statusOf(state)
  const queue = useQueueWords(status === 'queued' ? ahead : undefined)
  const testing = testGamesOf(state)
  if (!status || !run) return null
  const cause = status === 'queued' ? (state.history?.status?.reason ?? run.reason) : undefined
  if (cause) return waitingWords(cause)
  if (queue !== undefined) return queue
  if (status === 'running' && phase === 'evaluating' && testing && !isStuck(run))
    return `Testing ${exactly(testing.games_done)} of ${exactly(testing.games)} games`
  return standingWords(status, phase, isStuck(run))
}

/** Says where the run takes much longer than was forecast when it was started. */
function Slowness({ state: { run, history, secondsLeft } }: { state: TrainState }) {
  const elapsed = history ? newestUpdate(history)?.elapsed_s : undefined
  const words = run && elapsed !== undefined && !isStuck(run) ? slowWords(run, elapsed, secondsLeft) : undefined
  return words ? <p className="quiet">{words}</p> : null
}

function TimeLeft({ state, offline }: { state: TrainState; offline: boolean }) {
  const status = statusOf(state)
  const isTimed = (status === 'running' || status === 'paused') && !isFinishing(state) && !offline
  if (!isTimed || (state.run && isStuck(state.run)) || state.secondsLeft === undefined) return null
  return <span>{state.secondsLeft > 0 ? `about ${duration(state.secondsLeft)} left` : 'under a minute left'}</span>
}
