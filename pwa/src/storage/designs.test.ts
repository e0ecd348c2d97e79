import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { ModelArchitecture } from '../generated/wire'
import { type Change, closeChannel, onChange } from './changes'
import { cancelCommand, commandState, enqueueCommand, latestCommand } from './commands'
import { closeDatabase, storageState, withDatabase } from './database'
import { getDesign, listDesigns, newDesignId, removeDesign, saveWork } from './designs'

const design = (id: string, name = 'One'): ModelArchitecture => ({
  id,
  name,
  schema_version: 1,
  meta: { d_model: 128, n_heads: 4, n_experts: 4 },
  components: [],
  edges: [],
})

beforeEach(async () => {
  await closeDatabase()
  globalThis.indexedDB = new IDBFactory()
})
afterEach(() => {
  vi.restoreAllMocks()
  closeChannel()
})

test('an edit is stored, numbered and marked as not sent', async () => {
  await saveWork(design('d1'))
  await saveWork(design('d1', 'Two'))
  const row = await getDesign('d1')
  expect(row).toMatchObject({ work: { name: 'Two' }, base: null, dirty: true, change: 2, epoch: null })
})

test('storing the same again, keys in another order, changes nothing', async () => {
  await saveWork(design('d1'))
  const before = await getDesign('d1')
  const { name, ...rest } = design('d1')
  await saveWork({ ...rest, name })
  expect(await getDesign('d1')).toEqual(before)
})

test('change numbers never start again, also when a design was deleted', async () => {
  await saveWork(design('d1'))
  await withDatabase((db) => db.delete('designs', 'd1'))
  await saveWork(design('d1'))
  expect((await getDesign('d1'))?.change).toBe(2)
})

test('a deleted design is hidden and stays as a tombstone; drawing it again brings it back', async () => {
  await saveWork(design('d1'))
  await removeDesign('d1')
  expect(await listDesigns()).toEqual([])
  expect(await getDesign('d1')).toBeUndefined()
  expect(await withDatabase((db) => db.get('designs', 'd1'))).toMatchObject({ deleted: true, dirty: true, change: 2 })
  await saveWork(design('d1'))
  expect(await getDesign('d1')).toMatchObject({ deleted: false, change: 3 })
})

test('an edit of an older document takes that document as its base', async () => {
  await saveWork(design('d1', 'mine'))
  const row = await withDatabase((db) => db.get('designs', 'd1'))
  const merged = design('d1', 'merged')
  if (!row) throw new Error('not stored')
  const replaced = [{ revision: 0, work: row.work }]
  await withDatabase((db) => db.put('designs', { ...row, work: merged, base: merged, dirty: false, revision: 1, replaced }))
  await saveWork(design('d1', 'mine and more'), 0)
  expect(await getDesign('d1')).toMatchObject({ work: { name: 'mine and more' }, base: { name: 'mine' } })
})

test('every change is announced, local ones as local', async () => {
  const changes: Change[] = []
  const stop = onChange((change) => changes.push(change))
  await saveWork(design('d1'))
  await enqueueCommand('compile', 'd1')
  stop()
  expect(changes.map(({ store, local }) => [store, local])).toEqual([
    ['designs', true],
    ['commands', true],
  ])
})

test('a full phone is reported, the older version stays, and the next success clears the report', async () => {
  await saveWork(design('d1', 'kept'))
  const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
    throw new DOMException('full', 'QuotaExceededError')
  })
  await expect(saveWork(design('d1', 'lost'))).rejects.toThrow()
  expect(storageState.getState().problem).toMatch(/full/)
  put.mockRestore()
  expect((await getDesign('d1'))?.work.name).toBe('kept')
  expect(storageState.getState().problem).toMatch(/full/)
  await saveWork(design('d1', 'again'))
  expect(storageState.getState().problem).toBeUndefined()
})

test('a browser that refuses the database is reported once, though every listener reads again', async () => {
  const opened = vi.spyOn(indexedDB, 'open').mockImplementation(() => {
    throw new DOMException('denied', 'SecurityError')
  })
  await closeDatabase()
  let reports = 0
  const stop = storageState.subscribe(() => {
    reports += 1
    if (reports < 10) getDesign('d1').catch(() => {})
  })
  await expect(getDesign('d1')).rejects.toThrow('denied')
  for (let turn = 0; turn < 50; turn++) await Promise.resolve()
  expect(reports).toBe(1)
  stop()
  opened.mockRestore()
})

test('a lost connection is opened again', async () => {
  await saveWork(design('d1'))
  await withDatabase(async (db) => db.close())
  expect((await getDesign('d1'))?.id).toBe('d1')
})

test('a newer version of the app may upgrade: the connection lets go', async () => {
  await saveWork(design('d1'))
  await new Promise<void>((resolve, reject) => {
    const request = indexedDB.open('model-studio', 99)
    request.onsuccess = () => {
      request.result.close()
      resolve()
    }
    request.onerror = () => reject(request.error)
  })
  await expect(getDesign('d1')).rejects.toThrow()
  expect(storageState.getState().problem).toMatch(/newer version/)
})

test('the newest command of a kind replaces those that are over but the last, which it gives way to if it is taken back', async () => {
  const done = async (id: string, createdAt: string) => {
    const command = await withDatabase((db) => db.get('commands', id))
    if (command) await withDatabase((db) => db.put('commands', { ...command, status: 'done', createdAt, order: undefined }))
  }
  const first = await enqueueCommand('train', 'd1', { seed: 1 })
  await done(first, '2026-01-01T00:00:00Z')
  const second = await enqueueCommand('train', 'd1')
  await done(second, '2026-01-02T00:00:00Z')
  const third = await enqueueCommand('train', 'd1')
  expect((await latestCommand('train', 'd1'))?.id).toBe(third)
  expect(await commandState(first)).toBeUndefined()
  await cancelCommand(third)
  expect((await latestCommand('train', 'd1'))?.id).toBe(second)
})

test('case 10: the newest command and the newest change come first, also when the clock was put back by 400 days', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  try {
    vi.setSystemTime(new Date('2027-02-05T00:00:00Z'))
    await saveWork(design('before'))
    const before = await enqueueCommand('compile', 'd1')
    await withDatabase(async (db) => {
      const command = await db.get('commands', before)
      if (command) await db.put('commands', { ...command, status: 'done' })
    })
    vi.setSystemTime(new Date('2026-01-01T00:00:00Z'))
    await saveWork(design('after'))
    const after = await enqueueCommand('compile', 'd1')
    expect((await latestCommand('compile', 'd1'))?.id).toBe(after)
    expect((await listDesigns()).map(({ id }) => id)).toEqual(['after', 'before'])
  } finally {
    vi.useRealTimers()
  }
})

test('designs and commands without a number, of older versions, come last, by their time', async () => {
  for (const [id, updatedAt] of [
    ['old', '2026-01-01T00:00:00Z'],
    ['older', '2025-01-01T00:00:00Z'],
  ] as const) {
    await saveWork(design(id))
    const row = await getDesign(id)
    if (row) await withDatabase((db) => db.put('designs', { ...row, updatedAt, order: undefined }))
  }
  await saveWork(design('new'))
  expect((await listDesigns()).map(({ id }) => id)).toEqual(['new', 'old', 'older'])
})

test('ids fit the contract and differ', () => {
  const ids = Array.from({ length: 200 }, newDesignId)
  for (const id of ids) expect(id).toMatch(/^d[a-z0-9]{15}$/)
  expect(new Set(ids).size).toBe(200)
})
