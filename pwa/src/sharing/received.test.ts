import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { storeDesign } from '../designs/checked_design'
import { sampleDesign } from '../document/test_designs'
import { problemOf, resultWith } from '../editor/test_validation'
import { upgrade, validate } from '../python/client'
import { PythonUnavailable } from '../python/queue'
import { closeChannel } from '../storage/changes'
import { closeDatabase } from '../storage/database'
import { getDesign, listDesigns, saveWork } from '../storage/designs'
import { linkOf } from './link'
import { type One, received } from './received'

vi.mock('../python/client', () => ({ upgrade: vi.fn(), validate: vi.fn() }))
vi.mock('../sync/sync', () => ({ syncSoon: vi.fn() }))

const design = { ...sampleDesign(), id: 'd1', name: 'One' }
const one = async (text: string): Promise<One> => {
  const found = await received(text)
  if (found.kind !== 'one') throw new Error(JSON.stringify(found))
  return found
}
const why = async (text: string): Promise<string> => {
  const found = await received(text)
  return found.kind === 'refused' ? found.why : JSON.stringify(found)
}

beforeEach(async () => {
  await closeDatabase()
  globalThis.indexedDB = new IDBFactory()
  vi.mocked(validate).mockResolvedValue(resultWith({ parameters: 1234 }))
  vi.mocked(upgrade).mockImplementation(async (text) => JSON.parse(text))
})
afterEach(closeChannel)

it('shows what a link holds, and stores nothing', async () => {
  const found = await one(await linkOf(design, 'https://elsewhere.example'))
  expect(found).toMatchObject({ design, validation: { valid: true, parameters: 1234 }, place: { id: 'd1', outcome: 'new' } })
  expect(await listDesigns()).toEqual([])
})

it('takes the text of a design, also one with problems, and several designs together', async () => {
  vi.mocked(validate).mockResolvedValue(resultWith({ problems: [problemOf('unreachable')] }))
  expect((await one(`  ${JSON.stringify(design, null, 2)}\n`)).validation?.problems).toHaveLength(1)
  const several = JSON.stringify({ designs: [design, { ...design, id: 'd2', name: 'Two' }] })
  expect(await received(several)).toEqual({ kind: 'several', names: ['One', 'Two'], json: several })
  expect((await one(JSON.stringify({ designs: [design] }))).design).toEqual(design)
})

it('replaces blocks that are left out here, where Python offers that', async () => {
  const [first, ...others] = design.components
  if (!first) throw new Error('no component')
  const given = { ...design, components: [{ ...first, type: 'batch_norm', props: { momentum: 0.1 } }, ...others] }
  const words = { label: 'Use layer norm instead', label_code: '', label_params: {} }
  const fix = { action: 'replace_block' as const, component_id: first.id, type: 'layer_norm', props: {}, ...words }
  vi.mocked(upgrade).mockRejectedValue(new Error('no design'))
  vi.mocked(validate).mockResolvedValue(resultWith({ problems: [{ ...problemOf('unknown_block'), fix }] }))
  const refused = await received(JSON.stringify(given))
  if (refused.kind !== 'refused' || !refused.repaired) throw new Error(JSON.stringify(refused))
  expect(refused.repaired.label).toBe('Use layer norm instead')
  const repaired = { ...given, components: [{ ...first, type: 'layer_norm', props: {} }, ...others] }
  expect(JSON.parse(refused.repaired.text)).toEqual(repaired)
})

it('offers nothing to replace where a document has other problems', async () => {
  vi.mocked(upgrade).mockRejectedValue(new Error('no design'))
  vi.mocked(validate).mockResolvedValue(resultWith({ problems: [problemOf('wrong_type')] }))
  expect(await received(JSON.stringify(design))).not.toHaveProperty('repaired')
})

it('gives a new id where the id has other content here, and makes no second copy', async () => {
  await saveWork({ ...design, name: 'Mine' })
  const { place } = await one(JSON.stringify(design))
  expect(place.outcome).toBe('copy')
  expect(place.id).not.toBe('d1')
  const kept = await storeDesign(design)
  expect((await getDesign(kept.id))?.work).toEqual({ ...design, id: kept.id, name: 'One (copy)' })
  expect((await getDesign('d1'))?.work.name).toBe('Mine')
  expect((await one(JSON.stringify(design))).place).toEqual({ id: kept.id, outcome: 'same' })
  expect((await storeDesign(design)).id).toBe(kept.id)
  expect(await listDesigns()).toHaveLength(2)
})

it('knows a design that is here as it is', async () => {
  await saveWork(design)
  expect((await one(await linkOf(design, 'https://a.example'))).place).toEqual({ id: 'd1', outcome: 'same' })
})

it('says in a plain sentence why something is no design', async () => {
  expect(await why('hello')).toBe('This is neither a link to a design nor the text of one.')
  expect(await why('{"a": ')).toBe('This is no design: it is not JSON.')
  expect(await why('{"designs": []}')).toBe('This is no design: it holds no design.')
  expect(await why('https://a/#/import/____')).toMatch(/^This link is damaged/)
  vi.mocked(upgrade).mockRejectedValue(new Error('DesignError'))
  const newer = problemOf('unknown_version', { params: { received: '9', known: 2 } })
  vi.mocked(validate).mockResolvedValue(resultWith({ problems: [newer] }))
  expect(await why(JSON.stringify({ ...design, schema_version: 9 }))).toMatch(
    /^The design's schema_version 9 is newer than this app knows \(2\); update the app\.$/,
  )
  vi.mocked(upgrade).mockRejectedValue(new PythonUnavailable('no WebAssembly'))
  expect(await why(JSON.stringify(design))).toBe('Python could not start on this phone, so it cannot be checked.')
})
