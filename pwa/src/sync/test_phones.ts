/** Phones for the tests of sync: each with its own database, all connected to one in-memory server. */

import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { afterEach, beforeEach } from 'vitest'
import type { ModelArchitecture } from '../generated/wire'
import { closeChannel } from '../storage/changes'
import { closeDatabase, type StoredDesign, withDatabase } from '../storage/database'
import { getDesign, saveWork } from '../storage/designs'
import { FakeServer } from './fake_server'
import { syncNow } from './sync_session'

export const design = (id: string, components: string[] = [], name = 'One'): ModelArchitecture => ({
  id,
  name,
  schema_version: 1,
  meta: { d_model: 128, n_heads: 4, n_experts: 4 },
  components: components.map((one) => ({ id: one, type: 'add', props: {}, x: 0, y: 0, inside: null })),
  edges: [],
})
export const names = (row: StoredDesign | undefined): string[] => (row?.work.components ?? []).map((one) => one.id).sort()

/** The server of this test, a fresh one for each. */
export let server: FakeServer
let phones: Record<string, IDBFactory>

/** From here on the code runs on this phone. */
export async function on(phone: string): Promise<void> {
  await closeDatabase()
  phones[phone] ??= new IDBFactory()
  globalThis.indexedDB = phones[phone]
}

/** Delete everything that this phone stored. */
export async function emptyPhone(phone: string): Promise<void> {
  delete phones[phone]
  await on(phone)
}

/** Copy everything that this phone stored; the function returned puts it on a phone, in place of what is there. */
export async function copyPhone(): Promise<(phone: string) => Promise<void>> {
  const stores = ['designs', 'commands', 'conflicts'] as const
  const [rows, meta] = await withDatabase((db) =>
    Promise.all([Promise.all(stores.map((name) => db.getAll(name))), db.get('meta', 'sync')]),
  )
  return async (phone) => {
    await emptyPhone(phone)
    await withDatabase(async (db) => {
      for (const [index, name] of stores.entries()) for (const row of rows[index] ?? []) await db.put(name, row)
      if (meta) await db.put('meta', meta, 'sync')
    })
  }
}

/** The id under which this phone numbers its changes. */
export const clientId = async (): Promise<string | undefined> => (await withDatabase((db) => db.get('meta', 'sync')))?.clientId

/** Put an empty server in the place of the one before. */
export function replaceServer(epoch: string): void {
  server = new FakeServer()
  server.epoch = epoch
}

export const sync = () => syncNow(server.post)

export const addTo = async (id: string, ...components: string[]): Promise<void> => {
  const row = await getDesign(id)
  await saveWork(design(id, [...names(row), ...components], row?.work.name))
}

export const rename = async (id: string, name: string): Promise<void> => {
  await saveWork(design(id, names(await getDesign(id)), name))
}

export const dropFrom = async (id: string, component: string): Promise<void> => {
  const row = await getDesign(id)
  await saveWork(
    design(
      id,
      names(row).filter((one) => one !== component),
    ),
  )
}

/** Let IndexedDB and promises finish, without advancing fake timers. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 200; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

/** Both phones rename d1, and phone b is synced; phone a runs, with its name not sent yet. */
export async function renameOnBoth(): Promise<void> {
  await saveWork(design('d1', ['x'], 'One'))
  await sync()
  await on('b')
  await sync()
  await rename('d1', 'by b')
  await sync()
  await on('a')
  await rename('d1', 'by a')
}

/** Begin every test of a file with a fresh server, and on phone a. */
export function startAfresh(): void {
  beforeEach(async () => {
    server = new FakeServer()
    phones = {}
    await on('a')
  })
  afterEach(closeChannel)
}
