/** Reads the runs that are compared, follows those that train, and keeps the newest ones on the phone for when there is no connection. */

import { createStore } from 'zustand/vanilla'
import { isGone } from '../api/api'
import { allMessages, designOfRun, readRun } from '../api/results'
import type { LiveMessage, ModelArchitecture } from '../generated/wire'
import { sentenceFor } from '../lib/error_sentence'
import { recordOf as objectOf, persisted } from '../lib/persisted'
import { liveState, onLiveMessage } from '../live/live'
import { emptyHistory, type History, takeMessages } from '../runs/run_history'
import { type RunRecord, recordOf } from './run_record'

export interface Loaded {
  record?: RunRecord
  /** why it is not what the server has now */
  trouble?: string
}

/** By run id; nothing of a run that is being read for the first time. */
export const recordsStore = createStore<{ loaded: Readonly<Record<string, Loaded>> }>(() => ({ loaded: {} }))

const MAX_KEPT = 12
const FOLLOW_MS = 1000
const NOT_HERE = 'Not on this phone. It is read from the server, which cannot be reached.'
const AS_KEPT = 'As it was when this phone last read it. The server cannot be reached.'
const DELETED = 'This run was deleted on the server.'

/** Those that were read last, the newest last. */
const kept = persisted('model-studio-compared', objectOf<RunRecord>)
const histories = new Map<string, History>()

/** The runs that can be compared without a connection. */
export const keptRecords = (): RunRecord[] => Object.values(kept.read()).reverse()

function keep(record: RunRecord): void {
  const { [record.run.id]: _, ...others } = kept.read()
  const newest = Object.entries(others).slice(1 - MAX_KEPT)
  kept.write({ ...Object.fromEntries(newest), [record.run.id]: record })
}

function forget(runId: string): void {
  const { [runId]: _, ...others } = kept.read()
  kept.write(others)
  histories.delete(runId)
}

const show = (runId: string, loaded: Loaded): void =>
  recordsStore.setState((state) => ({ loaded: { ...state.loaded, [runId]: loaded } }))

/** Read a run with all that is new of it; resolves also where that fails, and then says why. */
export async function readRecord(runId: string): Promise<void> {
  try {
    const run = await readRun(runId)
    const before = histories.get(runId) ?? emptyHistory(runId)
    const history = takeMessages(before, await allMessages(runId, before.lastSeq))
    histories.set(runId, history)
    const known = recordsStore.getState().loaded[runId]?.record?.design
    const record = recordOf(run, history, known ?? (await designIfReadable(runId)))
    keep(record)
    show(runId, { record })
  } catch (error) {
    if (isGone(error)) forget(runId)
    show(runId, withoutServer(runId, error))
  }
}

/** The design of a run; undefined where the server can no longer read it. */
async function designIfReadable(runId: string): Promise<ModelArchitecture | undefined> {
  try {
    return await designOfRun(runId)
  } catch (error) {
    if (isGone(error)) return undefined
    throw error
  }
}

function withoutServer(runId: string, error: unknown): Loaded {
  if (isGone(error)) return { trouble: DELETED }
  const record = recordsStore.getState().loaded[runId]?.record ?? kept.read()[runId]
  return record
    ? { record, trouble: sentenceFor(error, { unreachable: AS_KEPT }) }
    : { trouble: sentenceFor(error, { unreachable: NOT_HERE }) }
}

/** Read these runs now and after each reconnect, and again while they train; returns how to stop. */
export function followRecords(runIds: readonly string[]): () => void {
  const due = new Set<string>()
  let timer: ReturnType<typeof setTimeout> | undefined
  const readDue = () => {
    timer = undefined
    for (const runId of due) void readRecord(runId)
    due.clear()
  }
  const onMessage = ({ type, run_id }: LiveMessage) => {
    if (run_id === null || type === 'evaluation_progress' || !runIds.includes(run_id)) return
    due.add(run_id)
    timer ??= setTimeout(readDue, FOLLOW_MS)
  }
  const readAll = () => {
    for (const runId of runIds) void readRecord(runId)
  }
  const stops = [
    onLiveMessage(onMessage),
    liveState.subscribe(({ connected }, before) => {
      if (connected && !before.connected) readAll()
    }),
  ]
  readAll()
  return () => {
    for (const stop of stops) stop()
    clearTimeout(timer)
  }
}
