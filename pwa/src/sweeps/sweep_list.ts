/** The sweeps of the open design, read from the server and kept up to date by its messages. */

import { createStore } from 'zustand/vanilla'
import type { LiveMessage, Sweep } from '../generated/wire'
import { sentenceFor } from '../lib/error_sentence'
import { persisted, recordOf } from '../lib/persisted'
import { liveState, onLiveMessage } from '../live/live'
import { listSweeps } from './sweeps_api'

interface SweepList {
  designId: string | null
  /** the newest first; undefined until they were read */
  sweeps: readonly Sweep[] | undefined
  /** why they could not be read */
  trouble: string | undefined
}

export const sweepStore = createStore<SweepList>(() => ({ designId: null, sweeps: undefined, trouble: undefined }))

const UNREACHABLE = 'The server cannot be reached. It keeps the variants and goes on with them.'
const AS_KEPT = 'The server cannot be reached. These variants are as this phone last saw them; the server goes on with them.'

/** the newest sweeps of the designs that were looked at last, for a phone without the server */
const keptSweeps = persisted('model-studio-sweeps', recordOf<readonly Sweep[]>)
const KEPT_DESIGNS = 4
const KEPT_SWEEPS = 5

/** Keep what was read, and forget the design that was read longest ago. */
function keep(designId: string, sweeps: readonly Sweep[]): void {
  const { [designId]: _, ...others } = keptSweeps.read()
  const recent = Object.entries(others).slice(1 - KEPT_DESIGNS)
  keptSweeps.write(Object.fromEntries([...recent, [designId, sweeps.slice(0, KEPT_SWEEPS)]]))
}

let reading = 0

/** Read the sweeps of the design; an answer that is older than another one is ignored. */
export async function readSweeps(designId: string): Promise<void> {
  reading += 1
  const ticket = reading
  try {
    const sweeps = (await listSweeps()).filter((sweep) => sweep.design_id === designId)
    if (ticket !== reading) return
    sweepStore.setState({ designId, sweeps, trouble: undefined })
    keep(designId, sweeps)
  } catch (error) {
    if (ticket === reading)
      sweepStore.setState((state) => ({ trouble: sentenceFor(error, { unreachable: state.sweeps ? AS_KEPT : UNREACHABLE }) }))
  }
}

/** Show the sweeps of a design from now on; returns how to stop. */
export function followSweeps(designId: string): () => void {
  if (sweepStore.getState().designId !== designId)
    sweepStore.setState({ designId, sweeps: keptSweeps.read()[designId], trouble: undefined })
  void readSweeps(designId)
  const stops = [
    onLiveMessage((message) => onMessage(designId, message)),
    liveState.subscribe(({ connected }, before) => {
      if (connected && !before.connected) void readSweeps(designId)
    }),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}

function onMessage(designId: string, message: LiveMessage): void {
  if (message.type === 'sweep_changed' && message.design_id === designId) void readSweeps(designId)
  if (message.type !== 'training_update') return
  const { run_id, steps, score } = message
  const { sweeps } = sweepStore.getState()
  const running = sweeps?.find(({ trials }) => trials.some((trial) => trial.run_id === run_id))
  if (!running) return
  const trials = running.trials.map((trial) =>
    trial.run_id === run_id ? { ...trial, steps, score: larger(trial.score, score) } : trial,
  )
  sweepStore.setState({ sweeps: sweeps?.map((sweep) => (sweep === running ? { ...running, trials } : sweep)) })
}

const larger = (one: number | null, other: number | null): number | null =>
  one === null || other === null ? (one ?? other) : Math.max(one, other)
