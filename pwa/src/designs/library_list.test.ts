import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { rememberRuns } from '../runs/run_cache'
import { trainingRun } from '../runs/test_runs'
import { getDesign, saveWork } from '../storage/designs'
import { countWaiting } from '../sync/sync_session'
import { design, startAfresh, sync } from '../sync/test_phones'
import { followLibrary, libraryStore } from './library'

vi.mock('../api/api', () => ({ listRuns: () => Promise.reject(new Error('offline')), runMessages: vi.fn() }))
vi.mock('../python/client', async () => {
  const { createStore } = await import('zustand/vanilla')
  return { pythonState: createStore(() => ({ status: 'loading' })), validate: vi.fn() }
})
vi.mock('../sync/sync', () => ({ syncSoon: vi.fn() }))

startAfresh()

let stop = (): void => {}
const shown = (id: string) => libraryStore.getState().designs?.find((row) => row.id === id)

beforeEach(async () => {
  libraryStore.setState({ designs: null })
  await saveWork(design('d1', ['x']))
  await saveWork(design('d2', ['x']))
  stop = followLibrary()
  await vi.waitFor(() => expect(shown('d1')).toBeDefined())
})
afterEach(() => stop())

it('a design that stays as it is keeps its object, so that its card is not drawn again', async () => {
  const [one, two] = [shown('d1'), shown('d2')]
  await saveWork(design('d2', ['x', 'y']))
  await vi.waitFor(() => expect(shown('d2')).not.toBe(two))
  expect(shown('d2')?.work.components).toHaveLength(2)
  expect(shown('d1')).toBe(one)
})

it('a sync that only confirms what is here draws no card again', async () => {
  const [one, two] = [shown('d1'), shown('d2')]
  let updates = 0
  const stopCounting = libraryStore.subscribe(() => {
    updates += 1
  })
  await sync()
  await vi.waitFor(() => expect(updates).toBeGreaterThan(0))
  stopCounting()
  expect(await countWaiting()).toBe(0)
  expect([shown('d1'), shown('d2')]).toEqual([one, two])
  expect(shown('d1')).toBe(one)
  expect((await getDesign('d1'))?.dirty).toBe(false)
})

it('follows runs, and a design whose run stays as it is keeps its summary', () => {
  const run = (id: string, steps: number) => ({ ...trainingRun, id: `r_${id}`, design_id: id, steps })
  rememberRuns([run('d1', 10), run('d2', 10)])
  const [one, two] = [libraryStore.getState().runs.d1, libraryStore.getState().runs.d2]
  expect(one).toMatchObject({ status: trainingRun.status, share: 10 / trainingRun.total_steps })
  rememberRuns([run('d1', 10), run('d2', 20)])
  expect(libraryStore.getState().runs.d1).toBe(one)
  expect(libraryStore.getState().runs.d2).not.toBe(two)
})
