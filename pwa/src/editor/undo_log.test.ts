// @vitest-environment jsdom
import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { moveComponents, rename, setMeta } from '../document/commands'
import { commit, documentStore, endMerge, openDocument, resetDocuments, undo } from '../document/store'
import { sampleDesign } from '../document/test_designs'
import type { StoredDesign } from '../storage/designs'
import { closeUndoLogs, MAX_LOGS, readLog, type StoredLog, writeLog } from '../storage/undo_logs'
import { boundedText, MAX_TEXT, startUndoLog, takeUpLog, VERSION, WRITE_MS } from './undo_log'

const design = sampleDesign()
const rowOf = (work = design, createdAt = '2026-11-01T00:00:00Z') => ({ id: work.id, createdAt, work }) as StoredDesign

let stop: () => void
beforeEach(async () => {
  await closeUndoLogs()
  globalThis.indexedDB = new IDBFactory()
  sessionStorage.clear()
  resetDocuments()
  stop = startUndoLog()
})
afterEach(() => stop())

/** Open a design as the session does, and wait until its stored history was read. */
async function open(row: StoredDesign): Promise<void> {
  takeUpLog(row)
  openDocument(row.work)
  await readLog(row.id)
  await readLog(row.id)
}

/** The page is loaded anew, in this tab or, with `tab: false`, in another one. */
async function reload({ tab = true, row = rowOf(documentStore.getState().design ?? design) } = {}): Promise<void> {
  if (tab) window.dispatchEvent(new Event('pagehide'))
  else sessionStorage.clear()
  stop()
  resetDocuments()
  stop = startUndoLog()
  await open(row)
}

async function renamed(): Promise<void> {
  await open(rowOf())
  commit(rename(design, { name: 'New name' }))
  await vi.waitFor(async () => expect((await readLog(design.id))?.text).toContain('New name'), { timeout: 10 * WRITE_MS })
}

it('undo survives a reload of the tab at once, and a closed app a moment after the edit', async () => {
  await open(rowOf())
  commit(rename(design, { name: 'At once' }))
  await reload()
  undo()
  expect(documentStore.getState().design?.name).toBe(design.name)
  resetDocuments()
  await renamed()
  await reload({ tab: false })
  expect(documentStore.getState().past).toHaveLength(1)
  undo()
  expect(documentStore.getState().design?.name).toBe(design.name)
})

it('what somebody else changed since is asked about', async () => {
  await renamed()
  await reload({ tab: false, row: rowOf({ ...design, name: 'By others' }) })
  undo()
  expect(documentStore.getState().question?.contested).toMatchObject([{ path: '/name', now: 'By others' }])
  expect(documentStore.getState().design?.name).toBe('By others')
})

it('is dropped for another design with the same id, and where it is of another form', async () => {
  await renamed()
  await reload({ tab: false, row: rowOf({ ...design, name: 'New name' }, '2026-12-01T00:00:00Z') })
  expect(documentStore.getState().past).toEqual([])
  await vi.waitFor(async () => expect(await readLog(design.id)).toBeUndefined())
  const stored: Omit<StoredLog, 'order'> = { id: design.id, version: 1, born: rowOf().createdAt, text: '{"past":[],"future":[]}' }
  for (const bad of [
    stored,
    { ...stored, version: VERSION, text: '[' },
    { ...stored, version: VERSION, text: '{"past":[7],"future":[]}' },
  ]) {
    await writeLog(bad)
    resetDocuments()
    await open(rowOf())
    expect(documentStore.getState().past).toEqual([])
  }
})

it('offers no undo of an edit of which nothing is left', async () => {
  await renamed()
  await reload({ tab: false, row: rowOf() })
  expect(documentStore.getState().past).toEqual([])
})

it('an edit that is followed by another design is written too', async () => {
  await open(rowOf())
  commit(setMeta(design, { field: 'd_model', value: 256 }))
  openDocument(null)
  await vi.waitFor(async () => expect((await readLog(design.id))?.text).toContain('/meta/d_model'))
})

it('keeps the newest entries of a history that is too long, and the histories of the designs edited last', async () => {
  await open(rowOf())
  for (let x = 0; x < 300; x++) {
    endMerge()
    const places = design.components.map(({ id }) => ({ id, x, y: 0 }))
    commit(moveComponents(documentStore.getState().design ?? design, { places }))
  }
  const { past, future } = documentStore.getState()
  const text = boundedText({ past: [...past, ...past], future })
  expect(2 * JSON.stringify({ past, future }).length).toBeGreaterThan(MAX_TEXT)
  expect(text.length).toBeLessThanOrEqual(MAX_TEXT)
  expect(JSON.parse(text).past.at(-1)).toEqual(JSON.parse(JSON.stringify(past.at(-1))))
  for (let index = 0; index <= MAX_LOGS; index++) await writeLog({ id: `d${index}`, version: 1, born: '', text: '' })
  expect(await readLog('d0')).toBeUndefined()
  expect(await readLog(`d${MAX_LOGS}`)).toBeDefined()
})
