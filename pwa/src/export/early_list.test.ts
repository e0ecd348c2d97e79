import { beforeEach, expect, it, vi } from 'vitest'
import { listExports } from '../networks/networks'
import { cachedExports, prefetchExports, readExports } from './early_list'
import { exportableRun, listOf } from './test_exports'

vi.mock('../networks/networks', () => ({ listExports: vi.fn() }))

const asks = vi.mocked(listExports)
const older = listOf(exportableRun('r1'))
const newer = listOf(exportableRun('r2'), exportableRun('r1'))

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] })
  asks.mockReset()
  return () => vi.useRealTimers()
})

it('returns the list that the tap requested, once', async () => {
  asks.mockResolvedValueOnce(older).mockResolvedValueOnce(newer)
  prefetchExports('d1')
  expect(await readExports('d1')).toBe(older)
  expect(asks).toHaveBeenCalledTimes(1)
  expect(await readExports('d1')).toBe(newer)
})

it('requests the list again if the prefetch was long ago, of another design, or failed', async () => {
  asks.mockResolvedValueOnce(older).mockResolvedValue(newer)
  prefetchExports('d1')
  vi.advanceTimersByTime(3_000)
  expect(await readExports('d1')).toBe(newer)
  prefetchExports('d2')
  await readExports('d1')
  expect(asks).toHaveBeenLastCalledWith('d1')
  asks.mockRejectedValueOnce(new Error('offline'))
  prefetchExports('d1')
  expect(await readExports('d1')).toBe(newer)
})

it('caches the list for a minute, if it has a network of the run on the screen', async () => {
  asks.mockResolvedValue(older)
  await readExports('d1')
  expect(cachedExports('d1')).toBe(older)
  expect(cachedExports('d1', 'r1')).toBe(older)
  expect(cachedExports('d1', 'r2')).toBeUndefined()
  expect(cachedExports('d2')).toBeUndefined()
  vi.advanceTimersByTime(61_000)
  expect(cachedExports('d1')).toBeUndefined()
})
