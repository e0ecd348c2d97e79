import { beforeEach, expect, it, vi } from 'vitest'
import { listBin, listRevisions, readRevision, restoreFromBin } from '../api/history'
import { ApiProblem } from '../api/problem'
import { plainVersion, schemaVersion } from '../document/catalogue'
import { rename } from '../document/commands'
import { commit, documentStore, openDocument, resetDocuments, undo } from '../document/store'
import type { ModelArchitecture, Revision } from '../generated/wire'
import { getDesign, removeDesign, saveWork } from '../storage/designs'
import { presentDeviceId } from '../storage/device'
import { design as oldDesign, startAfresh, sync } from '../sync/test_phones'
import { lastVersion, loadBin, restoreRemoved } from './bin'
import { documentOfVersion, loadVersions, restoreVersion } from './versions'

vi.mock('../api/history', () => ({
  listRevisions: vi.fn(),
  readRevision: vi.fn(),
  listBin: vi.fn(),
  restoreFromBin: vi.fn(),
  removeForGood: vi.fn(),
}))
vi.mock('../python/client', async () => {
  const { createStore } = await import('zustand/vanilla')
  const upgrade = async (json: string) => ({ ...JSON.parse(json), schema_version: schemaVersion, name: 'upgraded' })
  return { pythonState: createStore(() => ({ status: 'ready' })), upgrade }
})
vi.mock('../sync/sync', () => ({ syncSoon: vi.fn() }))

startAfresh()
beforeEach(() => {
  vi.resetAllMocks()
  resetDocuments()
})

const design = (name: string): ModelArchitecture => ({ ...oldDesign('d1', ['x'], name), schema_version: schemaVersion })
const unreachable = () => new ApiProblem({ status: 0, title: 'none', detail: 'none' })
const revision = (number: number, more: Partial<Revision> = {}): Revision => ({
  ...{ number, etag: `e${number}`, stored_at: `2026-11-0${number}T10:00:00Z`, current: false, change: `change ${number}` },
  ...more,
})
const changes = async () => (await loadVersions('d1')).list.map(({ change, current }) => `${change}${current ? ' (now)' : ''}`)

it('lists the versions of the server, with what was not sent on top', async () => {
  vi.mocked(listRevisions).mockResolvedValue([revision(2, { current: true, device: 'Phone' }), revision(1, { name: 'First' })])
  await saveWork(design('a'))
  await sync()
  expect(await changes()).toEqual(['change 2 (now)', 'change 1'])
  await saveWork(design('b'))
  expect(await changes()).toEqual(['Not on the server yet (now)', 'change 2', 'change 1'])
  expect(await loadVersions('d1')).toMatchObject({ trouble: undefined, more: false })
})

it('marks the versions that came from this phone, also beside another device of the same name', async () => {
  await saveWork(design('a'))
  const own = await presentDeviceId()
  const device = 'Chrome on Linux'
  vi.mocked(listRevisions).mockResolvedValue([
    revision(3, { device, device_id: own as string }),
    revision(2, { device, device_id: 'another' }),
    revision(1, { device }),
  ])
  const listed = (await loadVersions('d1')).list.filter(({ number }) => number !== undefined)
  expect(listed.map((version) => version.device)).toEqual(['This phone', device, device])
})

it('lists older versions after the last one of a page', async () => {
  vi.mocked(listRevisions).mockResolvedValue([revision(1)])
  const older = await loadVersions('d1', { ...(await loadVersions('d1')).list[0], number: 7 } as never)
  expect(older.list.map(({ etag }) => etag)).toEqual(['e1'])
  expect(vi.mocked(listRevisions).mock.lastCall?.[2]).toBe(7)
})

it('without the server it lists what this phone has, and says that the rest is there', async () => {
  vi.mocked(listRevisions).mockRejectedValue(unreachable())
  await saveWork(design('a'))
  await sync()
  await saveWork(design('b'))
  const { list, trouble } = await loadVersions('d1')
  expect(list.map(({ change, document }) => [change, document?.name])).toEqual([
    ['Not on the server yet', 'b'],
    ['This phone has it', 'a'],
  ])
  expect(trouble).toContain('cannot be reached')
  expect(await documentOfVersion('d1', list[1] as never)).toMatchObject({ name: 'a' })
})

it('brings an old version up to date before it is shown or restored', async () => {
  vi.mocked(readRevision).mockResolvedValue({ ...design('old'), schema_version: plainVersion - 1 })
  const [version] = await (async () => {
    vi.mocked(listRevisions).mockResolvedValue([revision(1)])
    return (await loadVersions('d1')).list
  })()
  expect(await documentOfVersion('d1', version as never)).toMatchObject({ name: 'upgraded', schema_version: schemaVersion })
  expect(vi.mocked(readRevision).mock.lastCall).toEqual(['d1', 'e1'])
})

it('restores into the open design as one edit that can be undone', async () => {
  await saveWork(design('now'))
  openDocument(design('now'))
  expect(await restoreVersion('d1', design('before'))).toBe(true)
  expect(documentStore.getState().design?.name).toBe('before')
  undo()
  expect(documentStore.getState().design).toEqual(design('now'))
  commit(rename(design('now'), { name: 'before' }))
  expect(await restoreVersion('d1', design('before'))).toBe(false)
})

it('restores into a design that is not open', async () => {
  await saveWork(design('now'))
  expect(await restoreVersion('d1', design('before'))).toBe(false)
  expect((await getDesign('d1'))?.work.name).toBe('before')
})

it('the bin has the designs of the server, and without it those that only this phone knows to be removed', async () => {
  const kept = { id: 'd2', name: 'Two', created_at: '', deleted_at: '2026-11-01T10:00:00Z', etag: 'e' }
  vi.mocked(listBin).mockResolvedValue([kept])
  await saveWork(design('One'))
  await sync()
  await removeDesign('d1')
  expect((await loadBin()).list.map(({ name, work }) => [name, work !== undefined])).toEqual([
    ['One', true],
    ['Two', false],
  ])
  vi.mocked(listBin).mockRejectedValue(unreachable())
  const offline = await loadBin()
  expect(offline.list.map(({ name }) => name)).toEqual(['One'])
  expect(offline.trouble).toContain('cannot be reached')
  for (const removed of offline.list) await restoreRemoved(removed)
  expect((await getDesign('d1'))?.work.name).toBe('One')
  expect(restoreFromBin).not.toHaveBeenCalled()
  await restoreRemoved({ id: 'd2', name: 'Two', at: new Date(), etag: 'e' })
  expect(restoreFromBin).toHaveBeenCalledWith('d2')
})

it('a deleted design is previewed from this phone, else from the server', async () => {
  vi.mocked(readRevision).mockResolvedValue(design('Two'))
  const at = new Date()
  expect((await lastVersion({ id: 'd1', name: 'One', at, work: design('One') })).name).toBe('One')
  expect(readRevision).not.toHaveBeenCalled()
  expect((await lastVersion({ id: 'd1', name: 'Two', at, etag: 'e' })).name).toBe('Two')
  expect(readRevision).toHaveBeenCalledWith('d1', 'e')
})
