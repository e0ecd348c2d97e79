/**
 * The training runs of the open design: starts runs (one at a time), receives all messages of one run without gaps, and stops,
 * pauses or resumes it.
 */

import { createStore } from 'zustand/vanilla'
import { isGone, listRuns, pauseRun, resumeRun, runMessages, stopRun } from '../api/api'
import { documentStore } from '../document/store'
import type {
  EvaluationProgress,
  LiveMessage,
  Run,
  RunLabels,
  RunStatus,
  RunStatusChanged,
  TrainingUpdate,
} from '../generated/wire'
import { sentenceFor } from '../lib/error_sentence'
import { liveState, onLiveMessage } from '../live/live'
import { goTo } from '../navigation/router'
import { cancelCommand, enqueueCommand, isOpen, latestCommand, onCommandsChanged, type StoredCommand } from '../storage/commands'
import { syncSoon } from '../sync/sync'
import { showToast } from '../ui/toasts'
import { secondsLeft, steadySeconds } from './eta'
import { rememberExpected } from './expected_time'
import { showUsage } from './expert_heat'
import { rememberRuns, rememberRunsOf } from './run_cache'
import { emptyHistory, type History, newestUpdate, takeMessages } from './run_history'
import { followedRun, hasMadeAllMoves, isActive, isStuck, runsAhead } from './selected_run'
import { withWaitingLabels } from './waiting_labels'

export { canCancel, type StoredCommand } from '../storage/commands'

export interface TrainState {
  designId: string | null
  /** the newest train command, which may not have been sent yet */
  command: StoredCommand | undefined
  /** the selected run, else the running one, else the next queued one, else the newest */
  run: Run | null
  /** the other runs of the design, the newest first */
  others: readonly Run[]
  /** the runs of any design that a queued run waits for, the next one first */
  ahead: readonly Run[]
  /** the run that a person chose to look at, until another is started */
  chosen: string | null
  history: History | null
  /** time until the last move, as displayed */
  secondsLeft: number | undefined
  /** why the runs could not be read */
  trouble: string | undefined
}

const none: TrainState = {
  designId: null,
  command: undefined,
  run: null,
  others: [],
  ahead: [],
  chosen: null,
  history: null,
  secondsLeft: undefined,
  trouble: undefined,
}

export const trainStore = createStore<TrainState>(() => none)

const UNREACHABLE = 'The server cannot be reached. Your work is kept on this phone.'

/** Show the Train screen and queue a training with the chosen settings, unless the design is in training already. */
export const startRun = (designId: string): Promise<void> =>
  begin(designId, null, async () => {
    const { design } = documentStore.getState()
    const { expectedSeconds, settingsFor } = await import('./forecast')
    const isOpen = design?.id === designId
    const config = isOpen ? await settingsFor(design) : {}
    rememberExpected(designId, config.total_steps, isOpen ? expectedSeconds(design) : undefined)
    await enqueueCommand('train', designId, { ...config })
  })

/** Train a run that has ended longer: from its last checkpoint until it has made `totalSteps` moves. */
export const extendRun = ({ id, design_id }: Run, totalSteps: number): Promise<void> =>
  begin(design_id, id, async () => {
    await enqueueCommand('train', design_id, { total_steps: totalSteps }, id)
  })

let starting = false

/** `chosen` is the id of the run to show; null for the new run. */
async function begin(designId: string, chosen: string | null, enqueue: () => Promise<void>): Promise<void> {
  if (starting) return
  starting = true
  goTo({ screen: 'train', id: designId })
  try {
    if (await isInTraining(designId)) {
      showToast('This design is training already. Stop it first to start again.')
      if (isShown(designId)) await showRun(null)
      return
    }
    if (isShown(designId)) trainStore.setState({ chosen })
    await enqueue()
    syncSoon('train')
  } finally {
    starting = false
  }
}

const PATIENCE_MS = 1500

const isShown = (designId: string): boolean => trainStore.getState().designId === designId

/** Whether a run of the design is active or asked for; the server is asked where it answers soon. */
async function isInTraining(designId: string): Promise<boolean> {
  const command = await latestCommand('train', designId)
  if (command && isOpen(command)) return true
  if (liveState.getState().connected) await Promise.race([readRuns(), pause(PATIENCE_MS)])
  return isShown(designId) && isTraining(trainStore.getState())
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Take back a wish to train that no call has carried; says so where one has, meanwhile. */
export async function cancelRun(): Promise<void> {
  const { command } = trainStore.getState()
  if (command && !(await cancelCommand(command.id))) showToast('The server has it already. Stop it once it runs.')
}

/** The status to show: the live one where a message was newer than the list. */
export function statusOf({ run, history }: TrainState): RunStatus | undefined {
  return history?.status?.status ?? run?.status
}

/**
 * The moves that the followed run made so far, and those it is to make. A run that ended has the moves that it would go on from:
 * its chart may reach further, into a rollout that was cut.
 */
export function movesOf(state: TrainState): { made: number; total: number } {
  const { run, history } = state
  const update = history ? newestUpdate(history) : undefined
  const hasEnded = run !== null && !isActive(run.status) && !isActive(statusOf(state))
  const made = hasEnded ? run.steps : (update?.steps ?? run?.steps ?? 0)
  return { made, total: totalOf(run, update) }
}

/** The planned moves of a run: they only grow, so the larger of row and newest update is the current value. */
const totalOf = (run: Run | null, update: TrainingUpdate | undefined): number =>
  Math.max(update?.total_steps ?? 0, run?.total_steps ?? 0)

/** Whether the followed run has made its last move and is still evaluating or saving. */
export function isFinishing(state: TrainState): boolean {
  const { made, total } = movesOf(state)
  return hasMadeAllMoves(statusOf(state), made, total)
}

/** Whether the followed run makes moves to learn from now, as far as known: not during an evaluation or while it does not answer. */
export function isPlaying(state: TrainState): boolean {
  const { run } = state
  if (statusOf(state) !== 'running' || (run && isStuck(run))) return false
  return run?.phase == null || run.phase === 'training' || run.phase === 'saving'
}

/** The moves from which a run that ended would continue, which its charts do not go beyond; unlimited while it is active. */
export function chartLimit(state: TrainState): number {
  const { run } = state
  return run === null || isActive(run.status) || isActive(statusOf(state)) ? Number.POSITIVE_INFINITY : run.steps
}

/** The test games being played, as far as known; undefined while none are. */
export function testGamesOf({ run, history }: TrainState): EvaluationProgress | undefined {
  const progress = history?.progress
  if (run?.phase !== 'evaluating' || !progress || !history) return undefined
  return progress.steps === newestUpdate(history)?.steps ? progress : undefined
}

/** Whether a person looks at another run of the design than the one that would be shown by itself. */
export const isOlderRun = ({ run, others, designId, chosen }: TrainState): boolean =>
  run !== null &&
  designId !== null &&
  chosen === run.id &&
  followedRun(newestFirst([run, ...others]), designId).run?.id !== run.id

/** As the server lists them. */
const newestFirst = (runs: readonly Run[]): Run[] =>
  [...runs].sort((a, b) => b.sequence - a.sequence || (a.created_at < b.created_at ? 1 : -1))

/** Whether any run of the open design is active, looked at or not. */
export const isTraining = (state: TrainState): boolean =>
  isActive(statusOf(state)) || state.others.some(({ status }) => isActive(status))

/** Follow the runs of whatever design is open; returns how to stop. */
export function startFollowing(): () => void {
  const stops = [
    documentStore.subscribe((state, before) => {
      if (state.design?.id !== before.design?.id) void open(state.design?.id ?? null)
    }),
    onCommandsChanged(() => void readCommand()),
    onLiveMessage(onMessage),
    liveState.subscribe(({ connected }, before) => {
      if (connected && !before.connected) void readRuns()
    }),
  ]
  void open(documentStore.getState().design?.id ?? null)
  return () => {
    for (const stop of stops) stop()
  }
}

async function open(designId: string | null): Promise<void> {
  trainStore.setState({ ...none, designId }, true)
  showUsage({})
  if (!designId) return
  await readCommand()
  await readRuns()
}

async function readCommand(): Promise<void> {
  const { designId, command: before } = trainStore.getState()
  if (!designId) return
  const command = await latestCommand('train', designId)
  if (trainStore.getState().designId !== designId) return
  trainStore.setState({ command })
  if (command?.runId && command.runId !== before?.runId) await readRuns()
}

let reading = 0
let newest: Promise<void> = Promise.resolve()

/** Load the runs of the design and all messages of the followed run; clears the data of the run shown before. */
export function readRuns(): Promise<void> {
  reading += 1
  newest = read(reading)
  return newest
}

async function read(ticket: number): Promise<void> {
  const { designId } = trainStore.getState()
  if (!designId) return
  const heard = statusesHeard
  try {
    const runs = (await listRuns()).map(withWaitingLabels)
    rememberRuns(runs)
    if (ticket !== reading) return await newest
    if (heard !== statusesHeard) return await readRuns() // the list may be older than what was heard meanwhile
    if (trainStore.getState().designId !== designId) return
    await follow(runs, designId)
  } catch (error) {
    if (trainStore.getState().designId === designId)
      trainStore.setState({ trouble: sentenceFor(error, { unreachable: UNREACHABLE }) })
  }
}

async function follow(runs: readonly Run[], designId: string): Promise<void> {
  const run = show(runs, designId)
  if (!run) return
  try {
    await catchUp(run.id)
  } catch (error) {
    if (!isGone(error)) throw error
    await follow(without(run.id, runs), designId) // deleted since the list was read
  }
}

/** Select the run to show from `runs` (the newest first); clears the data of the run shown before. */
function show(runs: readonly Run[], designId: string): Run | null {
  const { history, chosen } = trainStore.getState()
  const { run, others } = followedRun(runs, designId, chosen)
  const same = run !== null && history?.runId === run.id
  if (!same) showUsage({})
  const ahead = run?.status === 'queued' ? runsAhead(runs, run) : []
  trainStore.setState({ run, others, ahead, chosen: run?.id === chosen ? chosen : null, trouble: undefined })
  if (!same) trainStore.setState({ history: run && emptyHistory(run.id), secondsLeft: undefined })
  return run
}

const without = (runId: string, runs: readonly Run[]): Run[] => runs.filter(({ id }) => id !== runId)

/** Forget a run of the open design that was deleted; where it was the one shown, the next is. */
export async function forgetRun(runId: string): Promise<void> {
  const { designId, run, others } = trainStore.getState()
  if (!designId) return
  if (run?.id === runId) {
    rememberRunsOf(designId, others)
    show(others, designId)
  } else {
    const left = without(runId, others)
    trainStore.setState({ others: left })
    rememberRunsOf(designId, run ? [run, ...left] : left)
  }
  await readRuns()
}

/** Show another run of the open design: its chart, metrics and network; with null, the running one or the newest. */
export async function showRun(runId: string | null): Promise<void> {
  trainStore.setState({ chosen: runId })
  await readRuns()
}

async function catchUp(runId: string): Promise<void> {
  const after = trainStore.getState().history?.lastSeq ?? 0
  const messages = await runMessages(runId, after)
  takeAll(messages)
}

function onMessage(message: LiveMessage): void {
  const { history, designId } = trainStore.getState()
  const followed = history && message.run_id === history.runId
  if (followed) takeAll([message])
  if (message.type === 'run_deleted' && message.design_id === designId) void readRuns()
  if (message.type === 'run_labelled' && message.design_id === designId) applyLabels(message.run_id, message)
  if (message.type !== 'run_status') return
  // another run that ends may be the one that this one waits for
  if (message.design_id !== designId) {
    if (statusOf(trainStore.getState()) === 'queued' && !isActive(message.status)) void readRuns()
    return
  }
  statusesHeard += 1
  applyStatus(message)
  if (!followed || !isActive(message.status) || message.responding === false) void readRuns()
}

/** grows with every status message of the open design, so that a list read meanwhile is known to be older */
let statusesHeard = 0

/** Update a run from a live message. */
function applyStatus(message: RunStatusChanged): void {
  const changed = (run: Run): Run => (run.id === message.run_id ? { ...run, ...statusFields(message) } : run)
  const { run, others, history } = trainStore.getState()
  // when a run ends, keep the last shown number of moves until the next list arrives
  const ends = run?.id === message.run_id && isActive(run.status) && !isActive(message.status)
  const steps = (ends && history && newestUpdate(history)?.steps) || run?.steps
  trainStore.setState({ run: run && { ...changed(run), steps: steps ?? run.steps }, others: others.map(changed) })
  if (run?.id === message.run_id && message.status === 'queued') trainStore.setState({ secondsLeft: undefined })
}

/** Show what a person wrote about a run of the open design. */
export function applyLabels(runId: string, { name, note, tags }: RunLabels): void {
  const changed = (run: Run): Run => (run.id === runId ? { ...run, name, note, tags } : run)
  const { run, others } = trainStore.getState()
  trainStore.setState({ run: run && changed(run), others: others.map(changed) })
}

/** The fields of a run that a status message has; older servers leave the newer ones out. */
const statusFields = ({ status, reason, phase, warning, responding, last_heartbeat_step, total_steps }: RunStatusChanged) => ({
  status,
  reason,
  phase: phase ?? null,
  warning: warning ?? null,
  responding: responding ?? true,
  ...(last_heartbeat_step == null ? {} : { last_heartbeat_step }),
  ...(total_steps == null ? {} : { total_steps }),
})

let pending: LiveMessage[] = []
let frame = 0

/** Messages of one frame are taken together. */
function takeAll(messages: readonly LiveMessage[]): void {
  pending.push(...messages)
  if (frame !== 0) return
  frame = requestAnimationFrame(() => {
    frame = 0
    const taken = pending
    pending = []
    const { history, run, secondsLeft: displayed } = trainStore.getState()
    if (!history) return
    const next = takeMessages(history, taken)
    if (next === history) return
    const left = secondsLeft(next.updates, rolloutOf(run), totalOf(run, newestUpdate(next)))
    trainStore.setState({ history: next, secondsLeft: steadySeconds(displayed, left) })
    const moe = newestUpdate(next)?.moe
    if (moe) showUsage(moe.layers, moe.dead_experts, moe.whole_boards)
  })
}

/** The moves a run plays between two updates of its network. */
const rolloutOf = (run: Run | null): number => Number(run?.config.n_envs ?? 1) * Number(run?.config.n_steps ?? 1)

const COMMANDS = { stop: stopRun, pause: pauseRun, resume: resumeRun }

export type RunCommand = keyof typeof COMMANDS

/** Send a command to the run of the open design; returns whether the server accepted it. */
export async function controlRun(command: RunCommand): Promise<boolean> {
  const { run } = trainStore.getState()
  if (!run) return false
  try {
    await COMMANDS[command](run.id)
    if (command === 'stop' && isStuck(run))
      showToast('The run was asked to end. If it does not answer, the server ends it by force.')
  } catch (error) {
    if (isGone(error)) void readRuns()
    const unreachable = 'The server cannot be reached, so the run goes on as it is. Try again when it is back.'
    showToast(sentenceFor(error, { unreachable }), { tone: 'bad' })
    return false
  }
  return true
}
