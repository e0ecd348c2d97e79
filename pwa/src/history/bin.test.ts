import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { beforeEach, expect, it, vi } from 'vitest'
import { restoreFromBin } from '../api/history'
import { sampleDesign } from '../document/test_designs'
import type { DesignMeta } from '../generated/wire'
import { closeDatabase, type StoredDesign } from '../storage/database'
import { removeDesign, saveWork } from '../storage/designs'
import { rememberRemoval, returnedOf } from '../storage/returned'
import { restoreRemoved } from './bin'

vi.mock('../api/history', () => ({ restoreFromBin: vi.fn() }))
vi.mock('../sync/sync', () => ({ syncSoon: vi.fn() }))

const work = sampleDesign()
const isAnnounced = () => returnedOf([{ id: work.id } as StoredDesign]).length > 0
const removed = { id: work.id, name: work.name, at: new Date() }

beforeEach(async () => {
  await closeDatabase()
  globalThis.indexedDB = new IDBFactory()
  const stored = new Map<string, string>()
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => stored.set(key, value),
  })
  rememberRemoval(work.id, work.name)
})

it('does not announce a design that this phone restored on the server', async () => {
  vi.mocked(restoreFromBin).mockImplementationOnce(async () => {
    expect(isAnnounced()).toBe(false)
    return {} as DesignMeta
  })
  await restoreRemoved(removed)
  expect(isAnnounced()).toBe(false)
})

it('announces it still where the server did not restore it', async () => {
  vi.mocked(restoreFromBin).mockRejectedValueOnce(new Error('no'))
  await expect(restoreRemoved(removed)).rejects.toThrow('no')
  expect(isAnnounced()).toBe(true)
})

it('does not announce a design that was restored or stored again on this phone', async () => {
  await saveWork(work)
  await removeDesign(work.id)
  rememberRemoval(work.id, work.name)
  await restoreRemoved({ ...removed, work })
  expect(isAnnounced()).toBe(false)
})
