// @vitest-environment jsdom
import 'fake-indexeddb/auto'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { openDocument, resetDocuments } from '../document/store'
import { sampleDesign } from '../document/test_designs'
import type { LiveMessage, Run, TrainingUpdate } from '../generated/wire'
import { closeChannel } from '../storage/changes'
import { latestCommand } from '../storage/commands'
import { withDatabase } from '../storage/database'
import { startFollowingAll } from './all_runs'
import { runsStore } from './run_cache'
import { extendRun, isFinishing, isOlderRun, movesOf, readRuns, startFollowing, trainStore } from './runs'
import { quietStatus, trainingRun } from './test_runs'

const { server, stream } = vi.hoisted(() => ({
  server: { runs: [] as Run[], messages: [] as LiveMessage[] },
  stream: { listeners: new Set<(message: LiveMessage) => void>() },
}))
vi.mock('../python/client', () => ({ pythonState: { getState: () => ({ status: 'loading' }), subscribe: () => () => {} } }))
vi.mock('../sync/sync', () => ({ syncSoon: vi.fn() }))
vi.mock('../live/live', () => ({
  liveState: { getState: () => ({ connected: false }), subscribe: () => () => {} },
  onLiveMessage: (listener: (message: LiveMessage) => void) => {
    stream.listeners.add(listener)
    return () => stream.listeners.delete(listener)
  },
}))
vi.mock('../api/api', async (original) => ({
  ...(await original<object>()),
  listRuns: async () => server.runs,
  runMessages: async () => server.messages,
}))

const design = sampleDesign()
const finished: Run = { ...trainingRun, design_id: design.id, status: 'finished', phase: null, steps: 1000, saved_steps: 1000 }
const newer: Run = { ...finished, id: 'r2', sequence: 2 }
const update = { type: 'training_update', seq: 1, run_id: 'r1', steps: 1000, total_steps: 1000, elapsed_s: 10 } as TrainingUpdate
const hear = (message: LiveMessage) => {
  for (const listener of stream.listeners) listener(message)
}
const stops: (() => void)[] = []

beforeEach(async () => {
  await withDatabase((db) => db.clear('commands'))
  Object.assign(server, { runs: [newer, finished], messages: [update] })
  openDocument(design)
  stops.push(startFollowing(), startFollowingAll())
  await readRuns()
})
afterEach(() => {
  for (const stop of stops.splice(0)) stop()
  resetDocuments()
  closeChannel()
})

it('goes on as the run that is shown, also an older one, once the server has given it more moves', async () => {
  await extendRun(finished, 3000)
  expect(await latestCommand('train', design.id)).toMatchObject({ continues: 'r1', config: { total_steps: 3000 } })
  await readRuns()
  await vi.waitFor(() => expect(movesOf(trainStore.getState())).toEqual({ made: 1000, total: 1000 }))
  expect(isOlderRun(trainStore.getState())).toBe(true)
  trainStore.setState({ secondsLeft: 0 })
  const queued: Run = { ...finished, status: 'queued', total_steps: 3000 }
  server.runs = [newer, queued]
  hear({
    ...quietStatus,
    ...{ type: 'run_status', seq: 2, run_id: 'r1', design_id: design.id, status: 'queued', reason: null, total_steps: 3000 },
  })
  const state = trainStore.getState()
  expect(movesOf(state)).toEqual({ made: 1000, total: 3000 })
  expect([isFinishing(state), isOlderRun(state), state.secondsLeft]).toEqual([false, false, undefined])
  expect(runsStore.getState().runs.find(({ id }) => id === 'r1')).toMatchObject({ status: 'queued', total_steps: 3000 })
})

it('updates the name of a run in all lists', () => {
  hear({ type: 'run_labelled', seq: 2, run_id: 'r1', design_id: design.id, name: 'First', note: '', tags: ['fast'] })
  expect(runsStore.getState().runs.find(({ id }) => id === 'r1')).toMatchObject({ name: 'First', tags: ['fast'] })
})
