// @vitest-environment jsdom
import { expect, it, vi } from 'vitest'
import { rename as renameCommand } from '../document/commands'
import { commit, documentStore, resetDocuments, undo } from '../document/store'
import { conflictsOf } from '../storage/conflicts'
import { getDesign, removeDesign, saveWork } from '../storage/designs'
import { savePending } from '../storage/pending_edits'
import { addTo, design, on, renameOnBoth, server, startAfresh, sync } from '../sync/test_phones'
import { resolveConflicts } from './conflicts'
import { startSession, wantDesign } from './session'

vi.mock('../python/client', async () => {
  const { createStore } = await import('zustand/vanilla')
  const { schemaVersion } = await import('../document/catalogue')
  const upgrade = async (json: string) => ({ ...JSON.parse(json), schema_version: schemaVersion })
  return { pythonState: createStore(() => ({ status: 'ready' })), upgrade }
})
vi.mock('../sync/sync', () => ({ syncSoon: vi.fn() }))

startAfresh()

/** Phone a, which runs, and phone b both renamed d1; the name by a stands. */
async function bothRenamed() {
  await renameOnBoth()
  await sync()
  const [conflict] = await conflictsOf('d1')
  if (!conflict) throw new Error('no conflict')
  return conflict
}

it('a choice changes the stored design, and is sent with it', async () => {
  const conflict = await bothRenamed()
  expect((await resolveConflicts([conflict], 'theirs'))?.name).toBe('by b')
  expect((await getDesign('d1'))?.conflicts).toEqual([])
  await sync()
  expect(server.documents().d1?.name).toBe('by b')
  expect(server.conflicts.get(conflict.id)?.conflict.resolved).toBe('theirs')
})

it('a choice for the open design can be undone', async () => {
  const conflict = await bothRenamed()
  const stop = startSession()
  await wantDesign('d1')
  commit(renameCommand((await getDesign('d1'))?.work ?? design('d1'), { name: 'by a, later' }))
  await resolveConflicts([conflict], 'theirs')
  expect((await getDesign('d1'))?.work.name).toBe('by b')
  undo()
  expect(documentStore.getState().design?.name).toBe('by a, later')
  await savePending()
  expect((await getDesign('d1'))?.work.name).toBe('by a, later')
  await wantDesign(null)
  stop()
  resetDocuments()
})

it('conflicts about one thing are decided in one edit', async () => {
  const conflict = await bothRenamed()
  const stop = startSession()
  await wantDesign('d1')
  await resolveConflicts([conflict, { ...conflict, path: '/meta/n_heads', mine: 4, theirs: 2 }], 'theirs')
  expect(documentStore.getState().design).toMatchObject({ name: 'by b', meta: { n_heads: 2 } })
  undo()
  expect(documentStore.getState().design).toMatchObject({ name: 'by a', meta: { n_heads: 4 } })
  await savePending()
  await wantDesign(null)
  stop()
  resetDocuments()
})

it('of a design that was removed elsewhere and edited here, the removal can be chosen', async () => {
  await saveWork(design('d1', ['x'], 'One'))
  await sync()
  await on('b')
  await sync()
  await removeDesign('d1')
  await sync()
  await on('a')
  await addTo('d1', 'y')
  await sync()
  const [conflict] = await conflictsOf('d1')
  expect(conflict).toMatchObject({ path: '', mine: 'One', theirs: null })
  if (conflict) expect(await resolveConflicts([conflict], 'theirs')).toBeUndefined()
  await sync()
  expect(server.documents()).toEqual({})
  expect([...server.conflicts.values()].map((one) => one.conflict.resolved)).toEqual(['theirs'])
})
