/** One line on how the run stands: status, share done, time left; and what to do when something is wrong. */

import { useStore } from 'zustand'
import { useOffline } from '../app/useOffline'
import { useReach } from '../app/useReach'
import type { RunStatus } from '../generated/wire'
import { duration, percent, roughly } from '../theme/numbers'
import { isActive } from '../train/followed'
import './headline.css'
import { newestUpdate } from '../train/history'
import { statusOf, type TrainState, takeBackRun, trainStore } from '../train/runs'
import { STATUS_WORDS } from '../train/words'
import { RunSubject } from './RunSubject'

/** What to do about a run that ended by itself and left no word on it. */
const ADVICE: Partial<Record<RunStatus, string>> = {
  failed: 'The drawing is safe. Resume, or train again: smaller if memory ran out.',
  interrupted: 'The server went away while it ran. Resume takes it up at its last checkpoint.',
}

export function RunHeadline() {
  const state = useStore(trainStore)
  const inReach = useReach()
  const { command, run, trouble } = state
  const starting = command && (command.status === 'waiting' || command.status === 'running')
  return (
    <div className="run-headline" role="status" aria-label="Run">
      {starting && <Starting stuck={command.status === 'waiting' && !inReach} />}
      {command?.status === 'failed' && (
        <p className="trouble">{command.problem?.detail || 'The server refused to start. Try again.'}</p>
      )}
      {!starting && run && <Standing state={state} />}
      {!starting && trouble && <p className="quiet">{trouble}</p>}
    </div>
  )
}

function Starting({ stuck }: { stuck: boolean }) {
  const text = stuck ? 'Waiting for the connection. Then it starts.' : 'Starting…'
  return (
    <p className="starting">
      <span className="spinner" aria-hidden="true" /> {text}
      {stuck && (
        <button type="button" className="button" onClick={() => void takeBackRun()}>
          Never mind
        </button>
      )}
    </p>
  )
}

function Standing({ state }: { state: TrainState }) {
  const offline = useOffline()
  const status = statusOf(state)
  const update = state.history ? newestUpdate(state.history) : undefined
  const steps = update?.steps ?? state.run?.steps ?? 0
  const total = update?.total_steps || state.run?.total_steps || 0
  const left = status === 'running' || status === 'paused' ? state.secondsLeft : undefined
  const reason = state.history?.status?.reason ?? state.run?.reason
  if (!status) return null
  return (
    <>
      <p className="standing" data-status={status}>
        <span className="standing-words">
          <b>{STATUS_WORDS[status]}</b>
          {total > 0 && isActive(status) && <span>{percent(Math.floor((100 * steps) / total) / 100)}</span>}
          {!isActive(status) && <span>{steps > 0 ? `after ${roughly(steps)} moves` : 'before its first move'}</span>}
          {isActive(status) && offline && <span>when last heard</span>}
          {!offline && left !== undefined && <span>{left > 0 ? `about ${duration(left)} left` : 'under a minute left'}</span>}
        </span>
        {update?.score != null && <span className="score-now">{roughly(update.score)}</span>}
      </p>
      {total > 0 && isActive(status) && <progress className="run-progress" value={steps} max={total} aria-label="Moves played" />}
      {state.run && <RunSubject run={state.run} status={status} />}
      {reason && <p className="trouble">{reason}</p>}
      {!reason && ADVICE[status] && <p className="quiet">{ADVICE[status]}</p>}
    </>
  )
}
