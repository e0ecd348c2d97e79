import { describe, expect, test, vi } from 'vitest'
import type { ModelArchitecture } from '../generated/wire'
import { saveFile } from '../lib/save_file'
import { countWaiting } from '../sync/sync_session'
import { addTo, design, emptyPhone, on, server, startAfresh, sync } from '../sync/test_phones'
import { getDesign, listDesigns, removeDesign, saveWork } from './designs'
import { downloadAll, exportAll, importAll, NoDesigns } from './export_all'

vi.mock('../lib/save_file', () => ({ saveFile: vi.fn() }))

startAfresh()

const file = (...designs: unknown[]) => new Blob([JSON.stringify({ designs })])
const works = async (): Promise<ModelArchitecture[]> => (await listDesigns()).map(({ work }) => work)
const names = async (): Promise<string[]> => (await works()).map(({ name }) => name).sort()

test('case 30: every design that is not removed is in the file, and an empty phone gets all back', async () => {
  for (let index = 0; index < 60; index += 1) await saveWork(design(`d${index}`, ['x'], `Design “${index}” é`))
  await removeDesign('d0')
  const before = await works()
  const exported = await exportAll()
  expect(exported.type).toBe('application/json')
  expect(JSON.parse(await exported.text()).designs).toEqual(before)
  await emptyPhone('a')
  expect(await importAll(exported)).toEqual({ added: 59, copied: 0, same: 0, failed: [] })
  expect(await names()).toEqual(before.map(({ name }) => name).sort())
  expect(await countWaiting()).toBe(59)
})

test('the downloaded file is named after the day and has every design', async () => {
  await saveWork(design('d1', ['x'], 'One'))
  await downloadAll()
  const [content, name] = vi.mocked(saveFile).mock.lastCall ?? []
  expect(name).toMatch(/^model-studio-designs-\d{4}-\d\d-\d\d\.json$/)
  expect(JSON.parse(await new Response(content).text()).designs).toEqual(await works())
})

test('an empty phone exports a file without designs', async () => {
  expect(await importAll(await exportAll())).toEqual({ added: 0, copied: 0, same: 0, failed: [] })
})

test('case 30: nothing is overwritten: other content becomes a copy, the same content nothing', async () => {
  await saveWork(design('d1', ['x'], 'Same'))
  await saveWork(design('d2', ['x'], 'Older'))
  const exported = await exportAll()
  await addTo('d2', 'y')
  expect(await importAll(exported)).toEqual({ added: 0, copied: 1, same: 1, failed: [] })
  expect(await names()).toEqual(['Older', 'Older (imported)', 'Same'])
  expect((await getDesign('d2'))?.work.components).toHaveLength(2)
  expect(await importAll(exported)).toEqual({ added: 0, copied: 0, same: 2, failed: [] })
})

test('a file with one id twice loses neither', async () => {
  const result = await importAll(file(design('d1', ['x'], 'First'), design('d1', ['y'], 'Second')))
  expect(result).toMatchObject({ added: 1, copied: 1 })
  expect(await names()).toEqual(['First', 'Second (imported)'])
})

test('a long name stays within the limit', async () => {
  await saveWork(design('d1', [], 'other'))
  await importAll(file(design('d1', [], 'n'.repeat(120))))
  expect((await names()).map((name) => name.length)).toEqual([120, 5])
})

test('a removed design is added again, and reaches the server and the other phone', async () => {
  await saveWork(design('d1', ['x']))
  await sync()
  const exported = await exportAll()
  await removeDesign('d1')
  await sync()
  expect(await importAll(exported)).toMatchObject({ added: 1 })
  await sync()
  expect(server.documents().d1?.components).toHaveLength(1)
  await on('b')
  await sync()
  expect((await getDesign('d1'))?.work.name).toBe('One')
})

test('what is no design is named and stops no other', async () => {
  const { components: _, ...broken } = design('d2', [], 'Broken')
  const others = [broken, null, { ...design('D3'), id: 'Not An Id' }, { ...design('d4'), edges: [['a']] }]
  expect(await importAll(file(...others, design('d5')))).toEqual({
    ...{ added: 1, copied: 0, same: 0 },
    failed: ['Broken', 'design 2', 'One', 'One'],
  })
})

test('what does not fit is named, and the rest is stored', async () => {
  const put = IDBObjectStore.prototype.put
  const spy = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, ...args) {
    if (args[0].id === 'd1') throw new DOMException('full', 'QuotaExceededError')
    return put.apply(this, args)
  })
  const result = await importAll(file(design('d1', [], 'Large'), design('d2')))
  spy.mockRestore()
  expect(result).toEqual({ added: 1, copied: 0, same: 0, failed: ['Large'] })
})

describe('a file without designs is refused', () => {
  test.each(['', 'text', '[]', '{}', 'null', '{"designs": 5}'])('%s', async (text) => {
    await expect(importAll(new Blob([text]))).rejects.toThrow(NoDesigns)
  })
})
