// @vitest-environment jsdom
import 'fake-indexeddb/auto'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ApiProblem } from '../api/api'
import { openDocument, resetDocuments } from '../document/store'
import { sampleDesign } from '../document/test_designs'
import type { LiveMessage, Run, RunStatusChanged, TrainingUpdate } from '../generated/wire'
import { recipes } from '../python/client'
import { closeChannel } from '../storage/changes'
import { cancelCommand, latestCommand } from '../storage/commands'
import { withDatabase } from '../storage/database'
import { recordToasts } from '../ui/test_toasts'
import { heatStore } from './expert_heat'
import { rememberedRuns } from './run_cache'
import { AVERAGE_SERVER, chooseRecipe, openChoice, plainOffers } from './run_config'
import {
  cancelRun,
  forgetRun,
  isFinishing,
  isPlaying,
  movesOf,
  readRuns,
  showRun,
  startFollowing,
  startRun,
  trainStore,
} from './runs'
import { canGoOn, followedRun, runsAhead } from './selected_run'
import { quietRun, quietStatus } from './test_runs'

const { server, heard } = vi.hoisted(() => ({
  server: { runs: [] as Run[], messages: [] as LiveMessage[], deleted: [] as string[], listed: () => {} },
  heard: { connected: true, listener: (_: LiveMessage) => {} },
}))
vi.mock('../python/client', () => ({
  pythonState: { getState: () => ({ status: 'ready' }), subscribe: () => () => {} },
  recipes: vi.fn(),
  validate: vi.fn(),
  forecast: vi.fn(),
}))
vi.mock('../sync/sync', () => ({ syncSoon: vi.fn() }))
vi.mock('../live/live', () => ({
  liveState: { getState: () => heard, subscribe: () => () => {} },
  onLiveMessage: (listener: (message: LiveMessage) => void) => {
    heard.listener = listener
    return () => {}
  },
}))
vi.mock('../api/api', async (original) => ({
  ...(await original<object>()),
  listRuns: async () => {
    const runs = server.runs
    await server.listed()
    return runs
  },
  runMessages: async (runId: string) => {
    if (server.deleted.includes(runId))
      throw new ApiProblem({ status: 404, title: 'Not Found', detail: '' }, { fromServer: true })
    return server.messages.filter((message) => message.run_id === runId)
  },
}))

const design = sampleDesign()
const run = (id: string, status: Run['status'], minute: number, steps = 0): Run => ({
  ...quietRun,
  id,
  design_id: design.id,
  design_hash: '',
  status,
  reason: null,
  steps,
  total_steps: 1000,
  created_at: `2026-01-01T00:0${minute}:00Z`,
  started_at: null,
  ended_at: null,
  score: null,
  best_score: null,
  config: {},
})
const update = (run_id: string): LiveMessage =>
  ({
    type: 'training_update',
    seq: 1,
    run_id,
    steps: 64,
    score: 200,
    moe: { expert_usage: [], lb_reward: 0, layers: { c6: [0.5, 0.5] }, dead_experts: { c6: [1] } },
  }) as unknown as TrainingUpdate

const asked = () => withDatabase((db) => db.getAll('commands'))
const toasts = recordToasts()
const messages = () => toasts().map(({ text }) => text)
let stop = () => {}

beforeEach(async () => {
  await withDatabase((db) => db.clear('commands'))
  Object.assign(server, { runs: [], messages: [], deleted: [], listed: () => {} })
  heard.connected = true
  vi.mocked(recipes).mockReset().mockRejectedValue(new Error('no Python'))
  resetDocuments()
  openDocument(design)
  const listed = vi.fn()
  server.listed = listed
  stop = startFollowing()
  await vi.waitFor(() => expect(listed).toHaveBeenCalled())
  await readRuns()
})
afterEach(() => {
  stop()
  closeChannel()
})

describe('the run that is followed', () => {
  it('is the one at work, else the next in line, else the newest', () => {
    const [old, atWork, first, second] = [
      run('r1', 'finished', 1, 900),
      run('r2', 'paused', 2),
      run('r3', 'queued', 3),
      run('r4', 'queued', 4),
    ] as [Run, Run, Run, Run]
    expect(followedRun([second, first, atWork, old], design.id)).toEqual({ run: atWork, others: [second, first, old] })
    expect(followedRun([second, first, old], design.id).run).toBe(first)
    expect(followedRun([run('r5', 'stopped', 5), old], design.id)).toMatchObject({ run: { id: 'r5' }, others: [old] })
    expect(followedRun([old], design.id)).toEqual({ run: old, others: [] })
    expect(followedRun([old], 'another')).toEqual({ run: null, others: [] })
  })

  it('is the newest of the list of the server, also where its clock was set back between two runs', async () => {
    server.runs = [run('r2', 'finished', 1), run('r1', 'failed', 9)]
    await readRuns()
    expect(trainStore.getState()).toMatchObject({ run: { id: 'r2' }, others: [{ id: 'r1' }] })
    expect(rememberedRuns()[design.id]?.status).toBe('finished')
  })

  it('is the one a person chose, until another is started', async () => {
    server.runs = [run('r2', 'finished', 2, 100), run('r1', 'stopped', 1, 64)]
    server.messages = [update('r1')]
    await readRuns()
    expect(trainStore.getState().run?.id).toBe('r2')
    await showRun('r1')
    expect(trainStore.getState()).toMatchObject({ run: { id: 'r1' }, others: [{ id: 'r2' }] })
    await vi.waitFor(() => expect(trainStore.getState().history?.updates).toHaveLength(1))
    await readRuns()
    expect(trainStore.getState().run?.id).toBe('r1')
    await startRun(design.id)
    await readRuns()
    expect(trainStore.getState().run?.id).toBe('r2')
  })

  it('gives way to one at work when another is to be started, which is not', async () => {
    server.runs = [run('r2', 'running', 2, 100), run('r1', 'stopped', 1, 64)]
    await readRuns()
    await showRun('r1')
    await startRun(design.id)
    expect(await asked()).toEqual([])
    expect(messages()).toHaveLength(1)
    expect(trainStore.getState().run?.id).toBe('r2')
  })

  it('can go on if it ended before its time', () => {
    expect((['stopped', 'interrupted', 'failed'] as const).map(canGoOn)).toEqual([true, true, true])
    expect((['finished', 'running', 'paused', 'queued', undefined] as const).map(canGoOn)).not.toContain(true)
  })

  it('takes the place of the one that ended, and nothing of that one stays', async () => {
    server.runs = [run('r1', 'running', 1), run('r2', 'queued', 2)]
    server.messages = [update('r1')]
    await readRuns()
    await vi.waitFor(() => expect(heatStore.getState().experts).toEqual({ c6: 2 }))
    expect(trainStore.getState().history?.updates).toHaveLength(1)
    expect(heatStore.getState().dead).toEqual({ c6: [1] })
    server.runs = [run('r1', 'stopped', 1, 64), run('r2', 'running', 2)]
    heard.listener({
      ...quietStatus,
      type: 'run_status',
      seq: 9,
      run_id: 'r1',
      design_id: design.id,
      status: 'stopped',
      reason: null,
    } as LiveMessage)
    await vi.waitFor(() => expect(trainStore.getState().run?.id).toBe('r2'))
    expect(trainStore.getState()).toMatchObject({ history: { runId: 'r2', updates: [] }, others: [{ id: 'r1' }] })
    expect(heatStore.getState()).toEqual({ source: 'run', experts: {}, dead: {}, of: 'cells' })
  })
})

const told = (run_id: string, part: object): LiveMessage =>
  ({
    ...quietStatus,
    type: 'run_status',
    seq: 9,
    run_id,
    design_id: design.id,
    status: 'running',
    reason: null,
    ...part,
  }) as LiveMessage

describe('what is heard of a run', () => {
  beforeEach(async () => {
    server.runs = [run('r2', 'running', 2, 100), run('r1', 'running', 1, 64)]
    await readRuns()
    await showRun('r2')
  })
  const shown = () => trainStore.getState().run

  it('is its phase and its warning, which goes when it is cleared', () => {
    heard.listener(told('r2', { phase: 'training', warning: 'it may have diverged' }))
    expect(shown()).toMatchObject({ phase: 'training', warning: 'it may have diverged' })
    heard.listener(told('r2', { phase: 'evaluating', warning: null }))
    expect(shown()).toMatchObject({ phase: 'evaluating', warning: null })
  })

  it('is taken from a server that knows no phases', () => {
    const { phase, warning, responding, last_heartbeat_step, ...old } = told('r2', {}) as RunStatusChanged
    heard.listener(old as LiveMessage)
    expect(shown()).toMatchObject({ phase: null, warning: null, responding: true })
  })

  it('is that it does not respond; since when is read from the server', async () => {
    server.runs = [{ ...run('r2', 'running', 2, 100), responding: false, last_heartbeat_at: '2026-01-01T00:03:00Z' }]
    heard.listener(told('r2', { responding: false, last_heartbeat_step: 96 }))
    expect(shown()).toMatchObject({ responding: false, last_heartbeat_step: 96 })
    await vi.waitFor(() => expect(shown()?.last_heartbeat_at).toBe('2026-01-01T00:03:00Z'))
  })

  it('is not undone by a list that was on its way', async () => {
    const meanwhile = vi.fn(() => {
      server.listed = () => {}
      server.runs = [{ ...run('r2', 'running', 2, 100), warning: 'it may have diverged' }]
      heard.listener(told('r2', { warning: 'it may have diverged' }))
    })
    server.listed = meanwhile
    await readRuns()
    expect(meanwhile).toHaveBeenCalledOnce()
    expect(shown()?.warning).toBe('it may have diverged')
  })

  it('is of another run too', () => {
    heard.listener(told('r1', { warning: 'it may have diverged' }))
    expect(trainStore.getState().others[0]?.warning).toBe('it may have diverged')
  })

  it('tells moves to learn from apart from test games, the end of a run, and a process that does not answer', () => {
    const at = (part: Partial<Run>) => {
      const state = { ...trainStore.getState(), run: { ...run('r2', 'running', 2, 100), ...part }, history: null }
      return [isPlaying(state), isFinishing(state)]
    }
    expect(at({ phase: null })).toEqual([true, false])
    expect(at({ phase: 'training' })).toEqual([true, false])
    expect(at({ phase: 'evaluating' })).toEqual([false, false])
    expect(at({ phase: 'evaluating', steps: 1000 })).toEqual([false, true])
    expect(at({ phase: 'training', responding: false })).toEqual([false, false])
    expect(at({ status: 'finished', steps: 1000 })).toEqual([false, false])
  })
})

describe('a run that stops', () => {
  it('keeps the moves that were shown until the server says from which it goes on', async () => {
    server.runs = [run('r1', 'running', 1, 10)]
    server.messages = [update('r1')]
    await readRuns()
    await vi.waitFor(() => expect(movesOf(trainStore.getState()).made).toBe(64))
    server.runs = [run('r1', 'stopped', 1, 60)]
    heard.listener({
      ...quietStatus,
      type: 'run_status',
      seq: 2,
      run_id: 'r1',
      design_id: design.id,
      status: 'stopped',
      reason: null,
    })
    expect(movesOf(trainStore.getState()).made).toBe(64)
    await readRuns()
    expect(movesOf(trainStore.getState()).made).toBe(60)
  })
})

describe('a deleted run', () => {
  const stored = () => rememberedRuns()[design.id]
  beforeEach(async () => {
    server.runs = [
      { ...run('r3', 'finished', 3, 100), best_score: 900 },
      { ...run('r2', 'stopped', 2, 64), best_score: 700 },
      run('r1', 'failed', 1),
    ]
    await readRuns()
  })

  it('gives way to the next one, and the scores on the list forget it', async () => {
    expect(stored()).toMatchObject({ status: 'finished', best: 900 })
    server.runs = server.runs.slice(1)
    await forgetRun('r3')
    expect(trainStore.getState()).toMatchObject({ run: { id: 'r2' }, others: [{ id: 'r1' }], history: { runId: 'r2' } })
    expect(stored()).toMatchObject({ status: 'stopped', best: 700 })
  })

  it('is forgotten also where the connection is lost right after', async () => {
    server.listed = () => {
      throw new ApiProblem({ status: 0, title: '', detail: '' })
    }
    await forgetRun('r3')
    expect(trainStore.getState().run?.id).toBe('r2')
    expect(stored()).toMatchObject({ status: 'stopped', best: 700 })
  })

  it('leaves the list while another is looked at', async () => {
    await showRun('r2')
    server.runs = server.runs.slice(0, 2)
    await forgetRun('r1')
    expect(trainStore.getState()).toMatchObject({ run: { id: 'r2' }, others: [{ id: 'r3' }], chosen: 'r2' })
  })

  it('leaves nothing behind where it was the only one', async () => {
    server.runs = [run('r3', 'finished', 3, 100)]
    await readRuns()
    server.runs = []
    await forgetRun('r3')
    expect(trainStore.getState()).toMatchObject({ run: null, others: [], history: null })
    expect(stored()).toBeUndefined()
  })

  it('is gone at the next read where another phone deleted it, also the one that was chosen', async () => {
    await showRun('r2')
    server.runs = server.runs.filter(({ id }) => id !== 'r2')
    await readRuns()
    expect(trainStore.getState()).toMatchObject({ run: { id: 'r3' }, others: [{ id: 'r1' }], chosen: null, trouble: undefined })
  })

  it('is passed over where it goes between the list and its messages', async () => {
    server.deleted = ['r3']
    await readRuns()
    expect(trainStore.getState()).toMatchObject({ run: { id: 'r2' }, others: [{ id: 'r1' }], trouble: undefined })
  })
})

describe('Train', () => {
  it('asks once, however often it is tapped', async () => {
    await Promise.all([startRun(design.id), startRun(design.id)])
    await startRun(design.id)
    expect(await asked()).toHaveLength(1)
    expect(messages()).toEqual(['This design is training already. Stop it first to start again.'])
  })

  it('starts nothing beside a run of this design, also one this phone has not heard of', async () => {
    server.runs = [run('r1', 'queued', 1)]
    await startRun(design.id)
    expect(await asked()).toEqual([])
    expect(messages()).toHaveLength(1)
    expect(location.hash).toContain('train')
  })

  it('starts again once the last one has ended', async () => {
    server.runs = [run('r1', 'stopped', 1)]
    await startRun(design.id)
    expect(await asked()).toHaveLength(1)
  })

  it('asks for the chosen recipe as it fits the design and the server, also where there is no network', async () => {
    heard.connected = false
    openChoice(design.id)
    chooseRecipe('quick_look')
    const fitting = plainOffers('ppo').map((offer) => ({ ...offer, config: { ...offer.config, total_steps: 40_960 } }))
    vi.mocked(recipes).mockResolvedValue(fitting)
    await startRun(design.id)
    expect((await latestCommand('train', design.id))?.config).toEqual(fitting[0]?.config)
    expect(vi.mocked(recipes).mock.lastCall?.slice(1)).toEqual(['ppo', AVERAGE_SERVER, undefined])
  })

  it('asks for the recipe of an unknown server where Python cannot tell', async () => {
    openChoice(design.id)
    chooseRecipe('long')
    openDocument({ ...design })
    await startRun(design.id)
    expect((await latestCommand('train', design.id))?.config).toEqual(plainOffers('ppo')[2]?.config)
  })

  it('can be taken back while it waits', async () => {
    heard.connected = false
    await startRun(design.id)
    await vi.waitFor(() => expect(trainStore.getState().command?.status).toBe('waiting'))
    await cancelRun()
    expect(await latestCommand('train', design.id)).toBeUndefined()
    await vi.waitFor(() => expect(trainStore.getState().command).toBeUndefined())
    await cancelCommand('gone')
  })
})

describe('a queue', () => {
  it('has the runs before a queued one, that at work first', () => {
    const [queued, older, oldest] = [run('r4', 'queued', 4), run('r3', 'queued', 3), run('r2', 'queued', 2)]
    const listed = [run('r5', 'queued', 5), queued, older, oldest, run('r1', 'running', 1), run('r0', 'finished', 0)]
    expect(runsAhead(listed, queued).map(({ id }) => id)).toEqual(['r1', 'r2', 'r3'])
  })
})
