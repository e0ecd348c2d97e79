/** Keeps the list of all runs in step with the server, on every screen: for the list of designs and for the run pill. */

import { listRuns } from '../api/api'
import type { LiveMessage, Run, TrainingUpdate } from '../generated/wire'
import { coalesced } from '../lib/coalesced'
import { liveState, onLiveMessage } from '../live/live'
import { rememberRuns, runsStore } from './run_cache'

/** Scores of running runs are taken in this often: up to ten messages a second would have every card drawn as often. */
export const UPDATE_MS = 1000

/** number of messages that changed more than a score; a list that was read while it grew is out of date */
let received = 0
/** the newest update of each run that is not in the store yet */
const updates = new Map<string, TrainingUpdate>()
let timer: ReturnType<typeof setTimeout> | undefined
/** runs with updates that are in no list; the list is read once for each */
const unknown = new Set<string>()

/** Read all runs; resolves also where the server cannot be reached, and then what is known stays. */
export const readAllRuns = coalesced(async () => {
  for (;;) {
    const before = received
    let runs: Run[]
    try {
      runs = await listRuns()
    } catch {
      return
    }
    rememberRuns(runs)
    if (before === received) return
  }
})

/** Follow all runs from now on; returns how to stop. */
export function startFollowingAll(): () => void {
  const stops = [
    onLiveMessage(take),
    liveState.subscribe(({ connected }, before) => {
      if (connected && !before.connected) void readAllRuns()
    }),
  ]
  void readAllRuns()
  return () => {
    for (const stop of stops) stop()
    clearTimeout(timer)
    timer = undefined
    updates.clear()
    unknown.clear()
  }
}

function take(message: LiveMessage): void {
  switch (message.type) {
    case 'training_update':
      updates.set(message.run_id, message)
      timer ??= setTimeout(takeUpdates, UPDATE_MS)
      return
    case 'run_status': {
      received += 1
      const { status, reason, phase, warning, responding, total_steps } = message
      const fields = { status, reason, phase: phase ?? null, warning: warning ?? null, responding: responding ?? true }
      change(message.run_id, { ...fields, ...(total_steps == null ? {} : { total_steps }) })
      return
    }
    case 'run_labelled':
      received += 1
      change(message.run_id, { name: message.name, note: message.note, tags: message.tags })
      return
    case 'checkpoint_created':
      change(message.run_id, ({ best_score }) => ({
        best_score: message.score === null ? best_score : Math.max(best_score ?? message.score, message.score),
      }))
      return
    case 'run_deleted':
      received += 1
      rememberRuns(runsStore.getState().runs.filter(({ id }) => id !== message.run_id))
  }
}

function takeUpdates(): void {
  timer = undefined
  const taken = new Map(updates)
  updates.clear()
  const { runs } = runsStore.getState()
  const known = new Set(runs.map(({ id }) => id))
  runsStore.setState({
    runs: runs.map((run) => {
      const update = taken.get(run.id)
      if (!update) return run
      const { steps, total_steps, score } = update
      return { ...run, steps, total_steps: Math.max(total_steps || 0, run.total_steps), score: score ?? run.score }
    }),
  })
  const missing = [...taken.keys()].filter((id) => !known.has(id) && !unknown.has(id))
  for (const id of missing) unknown.add(id)
  if (missing.length > 0) void readAllRuns()
}

/** Change one run of the list; one that is not in it is read from the server. */
function change(runId: string, to: Partial<Run> | ((run: Run) => Partial<Run>)): void {
  const { runs } = runsStore.getState()
  if (!runs.some(({ id }) => id === runId)) return void readAllRuns()
  rememberRuns(runs.map((run) => (run.id === runId ? { ...run, ...(typeof to === 'function' ? to(run) : to) } : run)))
}
