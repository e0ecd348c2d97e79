import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { beforeEach, expect, test } from 'vitest'
import { closeDatabase, type KeptNetwork, withDatabase } from './database'
import { findNetwork, listNetworks, storeNetwork } from './networks'

const network = (id: string, more: object = {}): KeptNetwork => ({
  ...{ id, runId: 'r1', steps: 100, designId: 'd1', designName: 'Tiny MLP', designHash: 'h1', checkpoint: 'best' },
  ...{ algorithm: 'ppo', score: 5, parameters: 1234, trainSeconds: 60, bytes: 500, sha256: 'x', inspectBytes: 700 },
  ...{ evaluation: { mean: 5, median: 4, games: 100, max_tile_frequency: { 256: 1 }, baselines: {} } },
  ...{ inspectSha256: 'y', keptAt: '2026-11-01T00:00:00Z', largestDifference: 2e-7, checkedBoards: 1000 },
  ...{ automatic: false, order: 1 },
  ...more,
})

/** Put a row into the store as it is. */
const put = (row: object) => withDatabase((db) => db.put('networks', row as KeptNetwork))
const ids = async () => (await listNetworks()).map(({ id }) => id)

beforeEach(async () => {
  await closeDatabase()
  globalThis.indexedDB = new IDBFactory()
})

test('a whole row is read as it was stored', async () => {
  await put(network('r1-100'))
  expect(await listNetworks()).toEqual([network('r1-100')])
  expect(await findNetwork('r1-100')).toEqual(network('r1-100'))
})

test.each([
  ['without a run', { runId: undefined }],
  ['without a name', { designName: null }],
  ['without a number of moves', { steps: 'many' }],
  ['without a size', { bytes: Number.NaN }],
  ['without a hash', { sha256: '' }],
  ['without a time', { keptAt: 'yesterday' }],
  ['without a place in the list', { order: undefined }],
])('a row %s is not listed, is not found, and can be stored anew', async (_, damage) => {
  await put(network('r1-100', damage))
  await put(network('r1-200', { order: 2 }))
  expect(await ids()).toEqual(['r1-200'])
  expect(await findNetwork('r1-100')).toBeUndefined()
  const { order: _order, ...whole } = network('r1-100')
  await storeNetwork(whole)
  expect(await findNetwork('r1-100')).toMatchObject({ sha256: 'x' })
  expect((await ids()).sort()).toEqual(['r1-100', 'r1-200'])
  for (const { order } of await listNetworks()) expect(order).toBeGreaterThan(0)
})

test('a part that only describes a network becomes null where it is not usable', async () => {
  const damaged = { score: '5', evaluation: { mean: 5 }, trainSeconds: {}, checkedBoards: undefined, automatic: 'no' }
  await put(network('r1-100', { ...damaged, inspectSha256: undefined }))
  expect(await findNetwork('r1-100')).toEqual(
    network('r1-100', {
      ...{ score: null, evaluation: null, trainSeconds: null, checkedBoards: null, automatic: false },
      ...{ inspectBytes: null, inspectSha256: null },
    }),
  )
})
