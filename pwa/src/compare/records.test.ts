// @vitest-environment jsdom
import { beforeEach, expect, it, vi } from 'vitest'
import { ApiProblem } from '../api/api'
import { noResponse } from '../api/fetch_json'
import { allMessages, designOfRun, readRun } from '../api/results'
import { sampleDesign } from '../document/test_designs'
import type { TrainingUpdate } from '../generated/wire'
import { keptRecords, readRecord, recordsStore } from './records'
import { endedRun } from './test_records'

vi.mock('../api/results', () => ({ readRun: vi.fn(), allMessages: vi.fn(), designOfRun: vi.fn() }))

const update = (seq: number, run_id: string) =>
  ({
    type: 'training_update',
    seq,
    run_id,
    steps: seq * 100,
    score: seq * 10,
    elapsed_s: seq,
    processor_s: seq,
  }) as TrainingUpdate
const loaded = (runId: string) => recordsStore.getState().loaded[runId]
const gone = new ApiProblem({ status: 404, title: '', detail: 'There is no run' }, { fromServer: true })

beforeEach(() => {
  localStorage.clear()
  vi.mocked(readRun).mockImplementation(async (id) => endedRun(id))
  vi.mocked(allMessages).mockImplementation(async (id, after) => (after ? [] : [update(1, id), update(2, id)]))
  vi.mocked(designOfRun).mockResolvedValue(sampleDesign())
})

it('reads a run with its design, and later only what is new', async () => {
  await readRecord('ra')
  expect(loaded('ra')?.record?.points.map(({ steps }) => steps)).toEqual([100, 200])
  vi.mocked(allMessages).mockResolvedValueOnce([update(3, 'ra')])
  await readRecord('ra')
  expect(vi.mocked(allMessages).mock.lastCall).toEqual(['ra', 2])
  expect(loaded('ra')?.record?.points).toHaveLength(3)
  expect(designOfRun).toHaveBeenCalledOnce()
})

it('shows without a server what was read before, and says so', async () => {
  await readRecord('rb')
  recordsStore.setState({ loaded: {} })
  vi.mocked(readRun).mockRejectedValue(noResponse('offline'))
  await readRecord('rb')
  expect(loaded('rb')?.record?.points).toHaveLength(2)
  expect(loaded('rb')?.trouble).toContain('when this phone last read it')
  await readRecord('never')
  expect(loaded('never')).toEqual({ trouble: expect.stringContaining('Not on this phone') })
})

it('keeps the newest runs alone, and forgets one that was deleted', async () => {
  for (let number = 1; number <= 13; number += 1) await readRecord(`k${number}`)
  expect(keptRecords().map(({ run }) => run.id)).toEqual(Array.from({ length: 12 }, (_, index) => `k${13 - index}`))
  vi.mocked(readRun).mockRejectedValue(gone)
  await readRecord('k13')
  expect(loaded('k13')).toEqual({ trouble: 'This run was deleted on the server.' })
  expect(keptRecords()[0]?.run.id).toBe('k12')
})

it('has no design where the server can no longer read it', async () => {
  vi.mocked(designOfRun).mockRejectedValue(gone)
  await readRecord('rc')
  expect(loaded('rc')?.record?.design).toBeUndefined()
  expect(loaded('rc')?.trouble).toBeUndefined()
})
