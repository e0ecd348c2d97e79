import 'fake-indexeddb/auto'
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { documentStore, openDocument, resetDocuments } from '../document/store'
import { sampleDesign } from '../document/test_designs'
import { compileStore } from '../editor/compile_state'
import { resultWith } from '../editor/test_validation'
import { uiStore } from '../editor/ui_state'
import { validationStore } from '../editor/validation'
import type { EvaluationProgress, Run, TrainingUpdate } from '../generated/wire'
import { liveState } from '../live/live'
import { OFFLINE_AFTER_MS } from '../platform/useOfflineDebounced'
import { rememberExpected } from '../runs/expected_time'
import { choiceStore } from '../runs/run_config'
import { emptyHistory } from '../runs/run_history'
import { trainStore } from '../runs/runs'
import { trainingRun } from '../runs/test_runs'
import type { StoredCommand } from '../storage/commands'
import { syncState } from '../sync/sync'
import { timeOfDay } from '../ui/times'
import { RunHeadline } from './RunHeadline'
import { untestedWords } from './ScoreHeadline'
import { SAVING_MS } from './usePhase'

vi.mock('../python/client', async () => {
  const { createStore } = await import('zustand/vanilla')
  return { pythonState: createStore(() => ({ status: 'loading' })) }
})

const command: StoredCommand = {
  id: 'k1',
  kind: 'train',
  designId: 'd1',
  config: {},
  status: 'waiting',
  sent: false,
  createdAt: '2026-11-01',
}
const words = () => screen.getByRole('status', { name: 'Run' }).textContent
const WAITING = 'Waiting for the connection. Then it starts.'

beforeEach(() => {
  liveState.setState({ connected: true })
  syncState.setState({ failing: false })
  trainStore.setState({ command, run: null })
})
afterEach(() => {
  cleanup()
  vi.useRealTimers()
})

it('says that it waits for the connection where the line is lost, and lets one think again', () => {
  liveState.setState({ connected: false })
  render(<RunHeadline />)
  expect(words()).toContain(WAITING)
  expect(screen.getByRole('button', { name: 'Cancel' })).toBeDefined()
})

it('says so where the line seems open and calls fail, and starts when they get through', () => {
  syncState.setState({ failing: true })
  render(<RunHeadline />)
  expect(words()).toContain(WAITING)
  act(() => syncState.setState({ failing: false }))
  expect(words()).toContain('Starting…')
  expect(screen.queryByRole('button')).toBeNull()
})

it('offers no way back once a call has carried the command, since the server may have it', () => {
  trainStore.setState({ command: { ...command, sent: true } })
  liveState.setState({ connected: false })
  render(<RunHeadline />)
  expect(words()).toContain('Sent, but no answer has come yet.')
  expect(screen.queryByRole('button')).toBeNull()
})

it('says that a run goes on, where one that has ended is to train longer', () => {
  trainStore.setState({ command: { ...command, continues: 'r1' } })
  liveState.setState({ connected: false })
  render(<RunHeadline />)
  expect(words()).toContain('Waiting for the connection. Then it goes on.')
})

it('starts once the wish has been taken, whatever the line does', () => {
  trainStore.setState({ command: { ...command, status: 'running' } })
  liveState.setState({ connected: false })
  render(<RunHeadline />)
  expect(words()).toContain('Starting…')
})

it('promises no time where the server is not heard, after a while', async () => {
  vi.useFakeTimers()
  const run = { id: 'r1', design_id: 'd1', status: 'running', steps: 270, total_steps: 1000, config: {} } as Run
  trainStore.setState({ command: undefined, run, secondsLeft: 65 })
  syncState.setState({ failing: true })
  render(<RunHeadline />)
  expect(words()).toContain('27 %about 1 min left')
  act(() => liveState.setState({ connected: false }))
  act(() => vi.advanceTimersByTime(OFFLINE_AFTER_MS - 1))
  expect(words()).toContain('27 %about 1 min left')
  act(() => vi.advanceTimersByTime(1))
  expect(words()).toContain('27 %at the last update')
  expect(words()).not.toContain('left')
  act(() => trainStore.setState({ run: { ...run, status: 'finished' } }))
  expect(words()).not.toContain('at the last update')
})

it('gives advice only where the run left no word of its own', () => {
  const run = { id: 'r1', design_id: 'd1', status: 'failed', steps: 270, total_steps: 1000, config: {} } as Run
  trainStore.setState({ command: undefined, run })
  render(<RunHeadline />)
  expect(words()).toContain('The training failed by an error')
  act(() => trainStore.setState({ run: { ...run, reason: 'every checkpoint of this run is damaged' } }))
  expect(words()).toContain('Every checkpoint of this run is damaged.')
})

it('says in plain language why a run failed, with one button', () => {
  const failed: Run = { ...trainingRun, status: 'failed', phase: null, reason: 'killed by SIGKILL (out of memory?); resume' }
  trainStore.setState({ command: undefined, run: { ...failed, failure: 'killed', saved_steps: 10_240 } })
  render(<RunHeadline />)
  expect(words()).toContain('The training process was stopped by the system, probably because memory ran out.')
  expect(screen.getByRole('button').textContent).toBe('Continue from 10,240 moves')
  act(() => trainStore.setState({ run: { ...failed, failure: 'killed', saved_steps: null } }))
  expect(screen.getByRole('button').textContent).toBe('Start it again')
  const config = { algorithm: 'ppo', microbatch_size: 256 }
  act(() => trainStore.setState({ run: { ...failed, failure: 'out_of_memory', config }, designId: 'd1' }))
  fireEvent.click(screen.getByRole('button', { name: 'Train again with 128 boards at once' }))
  expect(uiStore.getState().sheet).toEqual({ name: 'train' })
  expect(choiceStore.getState()).toMatchObject({ algorithm: 'ppo', changes: { microbatch_size: 128 } })
})

it('says what a run waits for in a cluster, in the words of the server', () => {
  const reason = 'waits for a processor: all of the cluster are in use'
  trainStore.setState({ command: undefined, run: { ...trainingRun, status: 'queued', phase: 'queued', reason } })
  render(<RunHeadline />)
  expect(words()).toContain('Waits for a processor: all of the cluster are in use')
})

it('says what a queued run waits for, and how many test games are played', async () => {
  const other: Run = { ...trainingRun, id: 'r0', design_id: 'd1' }
  trainStore.setState({
    command: undefined,
    designId: 'd1',
    run: { ...trainingRun, status: 'queued', phase: 'queued' },
    ahead: [other],
  })
  render(<RunHeadline />)
  expect(await screen.findByText('Waiting behind another run of this design')).toBeTruthy()
  const update = { seq: 1, run_id: 'r1', steps: 500, total_steps: 1000 } as TrainingUpdate
  const played = { steps: 500, games_done: 40, games: 64, board_state: [] }
  const progress: EvaluationProgress = { type: 'evaluation_progress', seq: 2, run_id: 'r1', ...played }
  act(() =>
    trainStore.setState({
      run: { ...trainingRun, phase: 'evaluating' },
      history: { ...emptyHistory('r1'), updates: [update], progress },
    }),
  )
  expect(words()).toContain('Testing 40 of 64 games')
  act(() => trainStore.setState({ history: { ...emptyHistory('r1'), updates: [{ ...update, steps: 600 }], progress } }))
  expect(words()).toContain('Playing test games')
})

it('tells what a run learns, and that the design has changed since it began', () => {
  const run: Run = {
    ...trainingRun,
    design_hash: 'as-it-was',
    status: 'stopped',
    phase: null,
    config: { algorithm: 'afterstate_td' },
  }
  const drawn = (design_hash: string, valid = true) =>
    act(() => {
      resetDocuments()
      openDocument(sampleDesign())
      const { design } = documentStore.getState()
      validationStore.setState({ result: resultWith({ valid }), forDesign: design })
      compileStore.setState({ generated: { source: '', design_hash, lines: {}, config: {} }, generatedFrom: design })
    })
  trainStore.setState({ command: undefined, run })
  drawn('as-it-was')
  render(<RunHeadline />)
  expect(words()).toContain('Learned what a board is worth (afterstate TD).')
  expect(words()).not.toContain('changed')
  drawn('as-it-is')
  expect(words()).toContain('The design has changed since this run began.')
  drawn('as-it-was')
  expect(words()).not.toContain('changed')
  drawn('as-it-was', false)
  expect(words()).toContain('The design has changed since this run began.')
})

const stand = (part: Partial<Run>) =>
  act(() => trainStore.setState({ command: undefined, run: { ...trainingRun, ...part }, history: null, secondsLeft: 65 }))

it('says what a run does, also before and after its moves', () => {
  stand({ status: 'queued', phase: 'queued', steps: 0 })
  render(<RunHeadline />)
  expect(words()).toMatch(/^Waiting for its turn/)
  stand({})
  expect(words()).toMatch(/^Training50 %about 1 min left/)
  stand({ phase: 'evaluating' })
  expect(words()).toMatch(/^Playing test games50 %about 1 min left/)
  stand({ phase: 'evaluating', steps: 1000 })
  expect(words()).toMatch(/^Playing test gamesall moves made/)
  expect(words()).not.toContain('left')
  stand({ phase: null })
  expect(words()).toMatch(/^Running50 %/)
  stand({ status: 'paused', phase: 'evaluating' })
  expect(words()).toMatch(/^Paused50 %/)
})

it('says in one sentence that a run takes much longer than forecast', () => {
  const run: Run = { ...trainingRun, config: { total_steps: 1000 } }
  const history = { ...emptyHistory('r1'), updates: [{ seq: 1, run_id: 'r1', steps: 100, elapsed_s: 240 } as TrainingUpdate] }
  rememberExpected('d1', 1000, 120)
  render(<RunHeadline />)
  act(() => trainStore.setState({ command: undefined, run, history, secondsLeft: 1500 }))
  expect(words()).toContain('Slower than the forecast of 2 min: ')
  act(() => trainStore.setState({ run: { ...run, status: 'stopped' } }))
  expect(words()).not.toContain('Slower')
})

it('says when the test score comes, and why there is none', () => {
  expect(untestedWords('running')).toContain('half a minute of processor time (longer on a busy server)')
  expect(untestedWords('stopped')).toMatch(/^No test score: stopped before the first test games/)
  expect(untestedWords('failed')).toBe('No test score: it ended before the first test games')
})

it('says that it saves only where that takes a while', () => {
  vi.useFakeTimers()
  stand({ phase: 'evaluating' })
  render(<RunHeadline />)
  stand({ phase: 'saving' })
  expect(words()).toMatch(/^Playing test games/)
  act(() => vi.advanceTimersByTime(SAVING_MS - 1))
  expect(words()).toMatch(/^Playing test games/)
  act(() => vi.advanceTimersByTime(1))
  expect(words()).toMatch(/^Saving/)
  stand({})
  expect(words()).toMatch(/^Training/)
})

it('says that test games were skipped, which is no trouble', () => {
  stand({ status: 'finished', phase: null, steps: 1000, reason: 'test games skipped' })
  render(<RunHeadline />)
  expect(words()).toMatch(/^Finishedafter 1,000 moves/)
  expect(screen.getByText('Test games skipped.').className).toBe('quiet')
})

it('warns of a run that may have diverged until the warning is cleared', () => {
  stand({ warning: 'The loss is a million times its usual value.' })
  render(<RunHeadline />)
  expect(words()).toContain('Warning The loss is a million times its usual value.')
  stand({ warning: null })
  expect(words()).not.toContain('Warning')
})

it('says since when a run does not respond and what can be done, until it does again', () => {
  const last_heartbeat_at = new Date().toISOString()
  stand({ responding: false, last_heartbeat_step: 12_345, last_heartbeat_at })
  render(<RunHeadline />)
  const since = timeOfDay(new Date(last_heartbeat_at))
  expect(words()).toContain(`Not responding since ${since} (at 12,345 moves). Stop ends it`)
  expect(words()).not.toContain('left')
  stand({ responding: false, last_heartbeat_step: 0 })
  expect(words()).toContain('Not responding (at 0 moves).')
  stand({ responding: false })
  expect(words()).toContain('Not responding. Stop ends it')
  stand({})
  expect(words()).not.toContain('responding')
  stand({ status: 'failed', phase: null, responding: false })
  expect(words()).not.toContain('responding')
})

it('says of a stopped run the moves that every other place says, also where its chart reaches further', () => {
  const measured = { seq: 1, run_id: 'r1', steps: 93_700, total_steps: 500_000, score: 900 } as TrainingUpdate
  const history = { ...emptyHistory('r1'), updates: [measured] }
  stand({ status: 'stopped', phase: null, steps: 90_112, total_steps: 500_000 })
  act(() => trainStore.setState({ history }))
  render(<RunHeadline />)
  expect(words()).toMatch(/^Stoppedafter 90,112 moves/)
  stand({ status: 'stopped', phase: null, steps: 0, total_steps: 500_000 })
  act(() => trainStore.setState({ history }))
  expect(words()).toMatch(/^Stoppedbefore its first move/)
  stand({ status: 'paused', phase: null, steps: 90_112, total_steps: 500_000 })
  act(() => trainStore.setState({ history }))
  expect(words()).toMatch(/^Paused18 %/)
})

it('does not say "Running" of a run that does not respond', () => {
  stand({ responding: false, phase: null })
  render(<RunHeadline />)
  expect(words()).toMatch(/^Not responding50 %/)
  stand({ responding: false, phase: 'training' })
  expect(words()).toMatch(/^Not responding50 %/)
})
