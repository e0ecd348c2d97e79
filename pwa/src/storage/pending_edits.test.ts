import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { ModelArchitecture } from '../generated/wire'
import { design, names, server, startAfresh, sync } from '../sync/test_phones'
import { type Change, closeChannel, onChange } from './changes'
import { closeDatabase, storageState, withDatabase } from './database'
import { getDesign, listDesigns, removeDesign, saveWork } from './designs'
import { keepEdit, onEditStored, pendingEdit, pendingEdits, savePending } from './pending_edits'

startAfresh()

/** Fill the phone: writing a row of which `isTooLarge` fails as it does in a browser, by aborting the transaction. */
function fill(isTooLarge: (row: { work?: ModelArchitecture }) => boolean = () => true): () => void {
  const put = IDBObjectStore.prototype.put
  const spy = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, ...args) {
    const [row] = args
    if (this.name === 'designs' && isTooLarge(row)) throw new DOMException('full', 'QuotaExceededError')
    return put.apply(this, args)
  })
  return () => spy.mockRestore()
}

const storedName = async (id: string) => (await withDatabase((db) => db.get('designs', id)))?.work.name
const renamed = (name: string): ModelArchitecture => design('d1', ['x'], name)

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  for (const { work } of pendingEdits()) await removeDesign(work.id)
  await closeDatabase()
  globalThis.indexedDB = new IDBFactory()
  storageState.setState({}, true)
  await saveWork(design('d1', ['x']))
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  closeChannel()
})

async function keep(name: string): Promise<number> {
  const revision = (await getDesign('d1'))?.revision ?? 0
  keepEdit(renamed(name), revision)
  await savePending()
  return revision
}

test('a stored edit is removed from memory, and the next edit uses its revision', async () => {
  const stored: [string, number][] = []
  const stop = onEditStored((id, revision) => stored.push([id, revision]))
  const revision = await keep('stored')
  stop()
  expect(stored).toEqual([['d1', revision]])
  expect(pendingEdits()).toEqual([])
  expect(await storedName('d1')).toBe('stored')
})

test('case 13: an edit that does not fit is shown from memory, and storage says so until it is stored', async () => {
  const free = fill()
  await keep('kept')
  expect(storageState.getState().problem).toMatch(/full/)
  expect(await storedName('d1')).toBe('One')
  expect((await getDesign('d1'))?.work.name).toBe('kept')
  expect((await listDesigns()).map(({ work }) => work.name)).toEqual(['kept'])
  free()
  expect(storageState.getState().problem).toMatch(/full/)
  await vi.advanceTimersByTimeAsync(2_000)
  await savePending()
  expect(await storedName('d1')).toBe('kept')
  expect(storageState.getState().problem).toBeUndefined()
})

test('a new design that does not fit is in the list and can be opened', async () => {
  fill()
  keepEdit(design('new'), 0)
  await savePending()
  expect((await listDesigns()).map(({ id }) => id).sort()).toEqual(['d1', 'new'])
  expect((await getDesign('new'))?.work.id).toBe('new')
})

test('it is tried again with growing pauses, and no other write hides that it is not stored', async () => {
  fill((row) => row.work?.name === 'kept')
  const tries = vi.spyOn(IDBDatabase.prototype, 'transaction')
  await keep('kept')
  const counts: number[] = []
  for (const pause of [1_250, 2_500, 5_000]) {
    tries.mockClear()
    await vi.advanceTimersByTimeAsync(pause)
    await savePending()
    counts.push(tries.mock.calls.length)
  }
  expect(counts.every((count) => count > 0)).toBe(true)
  await saveWork(design('d2'))
  await savePending()
  expect(storageState.getState().problem).toMatch(/full/)
  expect(pendingEdit('d1')?.work.name).toBe('kept')
})

test.each(['a delete', 'another edit', 'a sync'])('it is stored at once after %s', async (event) => {
  await saveWork(design('d2'))
  const free = fill((row) => row.work?.name === 'kept')
  await keep('kept')
  free()
  if (event === 'a delete') await removeDesign('d2')
  if (event === 'another edit') await saveWork(design('d2', [], 'Two'))
  if (event === 'a sync') await sync()
  await savePending()
  expect(await storedName('d1')).toBe('kept')
})

test('other tabs hear of it once it is stored', async () => {
  const free = fill()
  const changes: Change[] = []
  const stop = onChange((change) => changes.push(change))
  await keep('kept')
  expect(changes).toEqual([])
  free()
  await savePending()
  stop()
  expect(changes).toEqual([{ store: 'designs', ids: ['d1'], local: true }])
})

/** Another phone adds a component. */
function addedElsewhere(component: string, change: number): void {
  const { document, seen = {} } = server.stored.get('d1') ?? {}
  const components = [...(document?.components.map((one) => one.id) ?? []), component]
  const work = { ...design('d1', components, document?.name) }
  const push = { id: 'd1', base: { ...document }, base_seen: seen, work, client_id: 'other', change }
  server.handle({ epoch: server.epoch, designs: [push], client_id: 'other' })
}

test('case 13: a document that arrives meanwhile is not shown in its place; both are merged once it is stored', async () => {
  await sync()
  const shown = await getDesign('d1')
  const free = fill((row) => row.work?.name === 'kept')
  keepEdit(design('d1', ['a1', 'x'], 'kept'), shown?.revision ?? 0)
  await savePending()
  const others = ['b1', 'b2', 'b3', 'b4', 'b5']
  for (const [index, component] of others.entries()) {
    addedElsewhere(component, index + 1)
    await sync()
    expect(await storedName('d1')).toBe('One')
    expect((await getDesign('d1'))?.work.name).toBe('kept')
  }
  free()
  await savePending()
  await sync()
  expect(server.documents().d1?.name).toBe('kept')
  expect(names(await getDesign('d1'))).toEqual(['a1', ...others, 'x'])
  expect(server.conflicts.size).toBe(0)
})

test('a rename on the list is made on the edit in memory, and is not undone by it', async () => {
  const free = fill()
  await keep('kept')
  free()
  const row = await getDesign('d1')
  if (row) await saveWork({ ...row.work, name: 'renamed' }, row.revision)
  await savePending()
  expect(await storedName('d1')).toBe('renamed')
  expect(pendingEdits()).toEqual([])
})

test('a design that is removed takes its edit in memory with it', async () => {
  const free = fill()
  await keep('kept')
  free()
  await removeDesign('d1')
  await savePending()
  expect(await getDesign('d1')).toBeUndefined()
  expect(await listDesigns()).toEqual([])
})

test('a transaction that is aborted without a reason is tried again as well', async () => {
  const get = IDBObjectStore.prototype.get
  let aborts = 1
  vi.spyOn(IDBObjectStore.prototype, 'get').mockImplementation(function (this: IDBObjectStore, ...args) {
    const request = get.apply(this, args)
    if (this.name === 'meta' && aborts-- > 0) this.transaction.abort()
    return request
  })
  keepEdit(renamed('kept'), 0)
  await savePending()
  expect(pendingEdit('d1')?.work.name).toBe('kept')
  expect(storageState.getState().problem).toBeDefined()
  await vi.advanceTimersByTimeAsync(2_000)
  await savePending()
  expect(await storedName('d1')).toBe('kept')
  expect(storageState.getState().problem).toBeUndefined()
})
