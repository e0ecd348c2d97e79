/** Databases that older versions of the app made, and tabs that still run them. */
import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ModelArchitecture } from '../generated/wire'
import { network } from '../networks/test_networks'
import { countWaiting, syncNow } from '../sync/sync_session'
import { server, startAfresh } from '../sync/test_phones'
import { closeChannel } from './changes'
import { latestCommand } from './commands'
import { closeDatabase, withDatabase } from './database'
import { getDesign, listDesigns, saveWork } from './designs'
import { listNetworks, storeNetwork } from './networks'
import { queueEvent, readConsent, readQueue, storeAnswer } from './telemetry'

const design = (id: string, name: string): ModelArchitecture => ({
  id,
  name,
  schema_version: 1,
  meta: { d_model: 128, n_heads: 4, n_experts: 4 },
  components: [],
  edges: [],
})

const row = (id: string, more: object) => ({
  ...{ id, work: design(id, id), base: design(id, id), baseEtag: JSON.stringify(design(id, id)), epoch: 'e1', dirty: false },
  ...{ change: 1, deleted: false, sent: null, rejected: null, conflicts: [], revision: 0, replaced: [] },
  ...{ createdAt: '2026-01-01T00:00:00Z', updatedAt: '2026-01-01T00:00:00Z', ...more },
})
const problem = { title: 'No', status: 422, detail: 'bad' }
const conflict = { path: '/name', base: 'a', mine: 'b', theirs: 'c', kept: 'mine' }

/** The database as version 1 made it; the connection stays open, and lets go only when `release` is called. */
function makeVersion1(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open('model-studio', 1)
    request.onupgradeneeded = () => {
      const db = request.result
      const designs = db.createObjectStore('designs', { keyPath: 'id' })
      designs.put(row('clean', { updatedAt: '2026-01-03T00:00:00Z', conflicts: [conflict] }))
      designs.put(row('edited', { dirty: true, change: 4, work: design('edited', 'new name') }))
      designs.put(row('refused', { dirty: true, change: 5, rejected: { change: 5, problem } }))
      const sent = { change: 6, deleted: false, work: design('sent', 'sent name') }
      designs.put(row('sent', { dirty: true, change: 7, work: design('sent', 'newest name'), sent }))
      const commands = db.createObjectStore('commands', { keyPath: 'id' })
      const command = { kind: 'train', designId: 'clean', config: {}, status: 'done' }
      commands.put({ ...command, id: 'k1', createdAt: '2027-02-01T00:00:00Z' })
      commands.put({ ...command, id: 'k2', createdAt: '2026-01-01T00:00:00Z' })
      db.createObjectStore('meta').put({ clientId: 'c-old', lastChange: 7, epoch: 'e1', cursor: 0 }, 'sync')
    }
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}

startAfresh()
beforeEach(async () => {
  await closeDatabase()
  globalThis.indexedDB = new IDBFactory()
})
afterEach(closeChannel)

test('case 15: version 1 is read as it is, and what waits there is found and sent', async () => {
  const old = await makeVersion1()
  old.close()
  expect((await listDesigns()).map(({ id }) => id)).toContain('clean')
  expect((await getDesign('clean'))?.conflicts).toEqual([conflict])
  expect((await latestCommand('train', 'clean'))?.id).toBe('k1')
  expect(await countWaiting()).toBe(2)
  expect(await withDatabase((db) => db.getAllKeysFromIndex('designs', 'waiting', 'refused'))).toEqual(['refused'])
  await syncNow(server.post)
  expect(server.calls[0]).toMatchObject({ client_id: 'c-old', device_id: 'c-old' })
  expect(server.calls[0]?.designs?.map(({ id, base_seen, change }) => [id, base_seen, change])).toEqual([
    ['edited', null, 4],
    ['sent', null, 6],
  ])
  expect(server.documents().sent?.name).toBe('newest name')
  expect(server.documents().edited?.name).toBe('new name')
  expect(await getDesign('edited')).toMatchObject({ dirty: false, baseSeen: { 'c-old': 4 } })
})

/** The database as version 2 made it, with a design and a conflict. */
function makeVersion2(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open('model-studio', 2)
    request.onupgradeneeded = () => {
      const db = request.result
      const designs = db.createObjectStore('designs', { keyPath: 'id' })
      designs.createIndex('waiting', 'waiting')
      designs.put(row('edited', { dirty: true, change: 4, waiting: 'unsent', work: design('edited', 'new name') }))
      db.createObjectStore('commands', { keyPath: 'id' })
      db.createObjectStore('meta').put({ clientId: 'c-old', lastChange: 7, epoch: 'e1', cursor: 0 }, 'sync')
      db.createObjectStore('conflicts', { keyPath: 'id' }).createIndex('design_id', 'design_id')
    }
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}

test('version 2 gets a store for networks, and its rows stay as they are', async () => {
  const old = await makeVersion2()
  old.close()
  expect(await listNetworks()).toEqual([])
  const kept = await storeNetwork(network('r1-100'))
  expect(await listNetworks()).toEqual([kept])
  expect((await listDesigns()).map(({ work }) => work.name)).toEqual(['new name'])
  expect(await countWaiting()).toBe(1)
})

test.each([
  ['1', makeVersion1],
  ['2', makeVersion2],
])('version %s gets stores for telemetry, without an answer and without events', async (_, make) => {
  const old = await make()
  old.close()
  expect(await readConsent()).toBeUndefined()
  expect(await queueEvent({ type: 'offline_seconds', seconds: 3 })).toBe(false)
  await storeAnswer('yes')
  expect(await queueEvent({ type: 'offline_seconds', seconds: 3 })).toBe(true)
  expect((await readQueue())?.events).toMatchObject([{ type: 'offline_seconds', seconds: 3 }])
  expect((await listDesigns()).length).toBeGreaterThan(0)
})

test('version 1 gets a store for networks, too', async () => {
  const old = await makeVersion1()
  old.close()
  await storeNetwork(network('r1-100'))
  await storeNetwork(network('r2-100'))
  await storeNetwork({ ...network('r1-100'), score: 7 })
  expect((await listNetworks()).map(({ id, score }) => [id, score])).toEqual([
    ['r2-100', 5],
    ['r1-100', 7],
  ])
})

test('a tab with the older version lets go of the database, so that the upgrade goes on', async () => {
  const old = await makeVersion1()
  old.onversionchange = () => old.close()
  await saveWork(design('new', 'New'))
  expect((await listDesigns()).map(({ id }) => id)).toContain('new')
})

test('a damaged row does not stop the upgrade', async () => {
  const old = await makeVersion1()
  const tx = old.transaction('designs', 'readwrite')
  tx.objectStore('designs').put({ id: 'damaged', dirty: true, work: null })
  await new Promise((resolve) => {
    tx.oncomplete = resolve
  })
  old.close()
  expect((await getDesign('clean'))?.id).toBe('clean')
  expect(await countWaiting()).toBe(3)
})
