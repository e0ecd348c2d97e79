// @vitest-environment jsdom
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { LiveMessage, Run, TrainingUpdate } from '../generated/wire'
import { readAllRuns, startFollowingAll, UPDATE_MS } from './all_runs'
import { rememberedRuns, rememberRuns, runsStore } from './run_cache'
import { quietStatus, trainingRun } from './test_runs'

const { server, live } = vi.hoisted(() => ({
  server: { runs: [] as Run[], reached: true, calls: 0, during: () => {} },
  live: { listener: (_: LiveMessage) => {} },
}))
vi.mock('../api/api', () => ({
  listRuns: async () => {
    server.calls += 1
    if (!server.reached) throw new TypeError('Failed to fetch')
    const { runs } = server
    server.during()
    return runs
  },
}))
vi.mock('../live/live', async () => {
  const { createStore } = await import('zustand/vanilla')
  return {
    liveState: createStore(() => ({ connected: true })),
    onLiveMessage: (listener: (message: LiveMessage) => void) => {
      live.listener = listener
      return () => {}
    },
  }
})

const run = (id: string, part: Partial<Run> = {}): Run => ({ ...trainingRun, id, ...part })
const update = (run_id: string, steps: number, score: number | null): LiveMessage =>
  ({ type: 'training_update', seq: steps, run_id, steps, total_steps: 1000, score }) as TrainingUpdate
const status = (run_id: string, part: object): LiveMessage =>
  ({ type: 'run_status', seq: 1, run_id, design_id: 'd1', reason: null, ...quietStatus, ...part }) as LiveMessage
const known = (id: string): Run | undefined => runsStore.getState().runs.find((one) => one.id === id)

let stop: () => void
beforeEach(async () => {
  vi.useFakeTimers()
  localStorage.clear()
  rememberRuns([])
  Object.assign(server, { runs: [run('r1', { score: 100 })], reached: true, calls: 0, during: () => {} })
  stop = startFollowingAll()
  await vi.waitFor(() => expect(known('r1')).toBeDefined())
})
afterEach(() => {
  stop()
  vi.useRealTimers()
})

it('takes scores in once a second, whatever the number of messages', () => {
  const drawn = vi.fn()
  const end = runsStore.subscribe(drawn)
  for (let steps = 510; steps <= 600; steps += 10) live.listener(update('r1', steps, steps))
  expect(known('r1')?.steps).toBe(500)
  vi.advanceTimersByTime(UPDATE_MS)
  expect(known('r1')).toMatchObject({ steps: 600, score: 600 })
  live.listener(update('r1', 610, null))
  vi.advanceTimersByTime(UPDATE_MS)
  expect(known('r1')).toMatchObject({ steps: 610, score: 600 })
  expect(drawn).toHaveBeenCalledTimes(2)
  end()
})

it('takes over at once that a run ended, its best score, and that it was deleted, and keeps it for the next start', () => {
  live.listener({ type: 'checkpoint_created', seq: 2, run_id: 'r1', steps: 600, score: 900 } as LiveMessage)
  live.listener(status('r1', { status: 'failed', reason: 'memory ran out' }))
  expect(known('r1')).toMatchObject({ status: 'failed', reason: 'memory ran out', best_score: 900 })
  expect(rememberedRuns().d1).toMatchObject({ status: 'failed', best: 900 })
  live.listener({ type: 'run_deleted', seq: 3, run_id: 'r1', design_id: 'd1' })
  expect(runsStore.getState().runs).toEqual([])
  expect(rememberedRuns()).toEqual({})
})

it('reads the list for a run that it does not know, once, and when a message came while it was read', async () => {
  const before = server.calls
  server.runs = [run('r2', { design_id: 'd2' }), ...server.runs]
  for (const steps of [10, 20]) {
    live.listener(update('r2', steps, null))
    vi.advanceTimersByTime(UPDATE_MS)
  }
  await vi.waitFor(() => expect(known('r2')).toBeDefined())
  expect(server.calls).toBe(before + 1)
  server.during = () => {
    server.during = () => {}
    server.runs = [run('r2', { status: 'finished' })]
    live.listener(status('r2', { status: 'finished' }))
  }
  await readAllRuns()
  expect(known('r2')?.status).toBe('finished')
})

it('keeps what it knows where the server cannot be reached', async () => {
  server.reached = false
  await readAllRuns()
  expect(known('r1')).toMatchObject({ score: 100 })
})

it('shows the run at work of a design rather than a newer one that ended', () => {
  rememberRuns([run('r3', { status: 'stopped', best_score: 700 }), run('r2', { status: 'running', score: 50 })])
  expect(rememberedRuns().d1).toMatchObject({ status: 'running', score: 50, best: 700 })
})
