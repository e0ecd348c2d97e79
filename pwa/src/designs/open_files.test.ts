import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { sampleDesign } from '../document/test_designs'
import { problemOf } from '../editor/test_validation'
import type { ModelArchitecture, ValidationResult } from '../generated/wire'
import { upgrade, validate } from '../python/client'
import { PythonUnavailable } from '../python/queue'
import { closeChannel } from '../storage/changes'
import { closeDatabase } from '../storage/database'
import { getDesign, listDesigns, removeDesign, saveWork } from '../storage/designs'
import { syncSoon } from '../sync/sync'
import { type OpenedFile, openFiles, sentenceForOpened } from './open_files'

vi.mock('../python/client', () => ({ upgrade: vi.fn(), validate: vi.fn() }))
vi.mock('../sync/sync', () => ({ syncSoon: vi.fn() }))

/** the version that a design without names of blocks is written in */
const CURRENT = sampleDesign().schema_version

const design = (id: string, name = 'One'): ModelArchitecture => ({ ...sampleDesign(), id, name })
const fileOf = (name: string, content: unknown): OpenedFile => {
  const text = typeof content === 'string' ? content : JSON.stringify(content)
  return { name, size: text.length, text: async () => text }
}
const kept = async () => (await listDesigns()).map(({ work }) => work.name).sort()

beforeEach(async () => {
  await closeDatabase()
  globalThis.indexedDB = new IDBFactory()
  vi.mocked(syncSoon).mockReset()
  vi.mocked(upgrade)
    .mockReset()
    .mockImplementation(async (text) => {
      const read = JSON.parse(text)
      if (!Array.isArray(read?.components)) throw new Error('shared_py.decoding.DesignError')
      return { ...read, schema_version: CURRENT }
    })
})
afterEach(closeChannel)

const notADesign = { problems: [problemOf('malformed', { params: { case: 'not_an_object', value: '7' } })] } as ValidationResult

it('opens the file that the page of a failed start saves', async () => {
  const result = await openFiles([fileOf('drawings.json', { designs: [design('d1'), design('d2', 'Two')] })])
  expect(result).toEqual({ opened: 2, same: 0, refused: [] })
  expect(await kept()).toEqual(['One', 'Two'])
  expect(await getDesign('d1')).toMatchObject({ work: design('d1'), dirty: true })
  expect(syncSoon).toHaveBeenCalledExactlyOnceWith('edit')
})

it('opens the files that dump-designs writes, one design each, also of an older version', async () => {
  const old = { ...design('d2', 'Two'), schema_version: 1 }
  await openFiles([fileOf('d1.json', design('d1')), fileOf('d2.json', `${JSON.stringify(old)}\n`)])
  expect(await kept()).toEqual(['One', 'Two'])
  expect((await getDesign('d2'))?.work.schema_version).toBe(CURRENT)
})

it('does nothing with a design that is here as it is, also where it is stored in an older version', async () => {
  await saveWork(design('d1'))
  await saveWork({ ...design('d2', 'Two'), schema_version: 1 })
  const before = await listDesigns()
  const result = await openFiles([fileOf('drawings.json', { designs: [design('d1'), design('d2', 'Two')] })])
  expect(result).toEqual({ opened: 0, same: 2, refused: [] })
  expect(await listDesigns()).toEqual(before)
  expect(syncSoon).not.toHaveBeenCalled()
})

it('opens a design whose id has other content here as a copy, and leaves the one that is here', async () => {
  await saveWork(design('d1', 'Newer'))
  await openFiles([fileOf('d1.json', design('d1', 'x'.repeat(120)))])
  expect((await getDesign('d1'))?.work.name).toBe('Newer')
  const copy = (await listDesigns()).find(({ id }) => id !== 'd1')
  expect(copy?.work.name).toBe(`${'x'.repeat(113)} (copy)`)
  expect(copy?.id).toBe(copy?.work.id)
})

it('brings back a design that was removed', async () => {
  await saveWork(design('d1'))
  await removeDesign('d1')
  expect(await openFiles([fileOf('d1.json', design('d1'))])).toMatchObject({ opened: 1 })
  expect(await kept()).toEqual(['One'])
})

it('says of what cannot be opened why not, and opens the rest', async () => {
  vi.mocked(validate).mockResolvedValueOnce(notADesign)
  const result = await openFiles([
    fileOf('notes.json', 'no JSON'),
    fileOf('empty.json', { designs: [] }),
    fileOf('odd.json', { designs: 'none' }),
    fileOf('mixed.json', { designs: [7, design('d1')] }),
    { ...fileOf('huge.json', ''), size: 60_000_000 },
  ])
  expect(result.opened).toBe(1)
  expect(result.refused).toEqual([
    { what: 'notes.json', why: 'it is not JSON' },
    { what: 'empty.json', why: 'it holds no design' },
    { what: 'odd.json', why: 'its designs are not a list' },
    { what: 'design 1 in mixed.json', why: 'a design is a JSON object, not 7' },
    { what: 'huge.json', why: 'it is larger than 50 MB' },
  ])
  expect(sentenceForOpened({ ...result, same: 2 })).toBe(
    '1 design was opened. 2 designs are here already. ' +
      'Not opened: notes.json (it is not JSON), empty.json (it holds no design), 3 more.',
  )
})

it('asks again where another question to Python came first, and says where Python cannot be asked', async () => {
  vi.mocked(upgrade).mockRejectedValueOnce(new DOMException('superseded', 'AbortError'))
  expect(await openFiles([fileOf('d1.json', design('d1'))])).toMatchObject({ opened: 1 })
  vi.mocked(upgrade).mockRejectedValue(new PythonUnavailable('503'))
  const { opened, refused } = await openFiles([fileOf('d2.json', design('d2'))])
  expect(opened).toBe(0)
  expect(refused[0]?.why).toContain('Python could not start')
})
