import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { closeChannel } from './changes'
import { canCancel, cancelCommand, commandState, enqueueCommand } from './commands'
import { closeDatabase, type StoredCommand, withDatabase } from './database'
import { markAsSent } from './sent_commands'

beforeEach(async () => {
  await closeDatabase()
  globalThis.indexedDB = new IDBFactory()
})
afterEach(closeChannel)

test('a command can be taken back until a call carries it', async () => {
  const id = await enqueueCommand('train', 'd1')
  expect(canCancel((await commandState(id)) as StoredCommand)).toBe(true)
  expect(await markAsSent([id])).toEqual(new Set([id]))
  expect(canCancel((await commandState(id)) as StoredCommand)).toBe(false)
  expect(await cancelCommand(id)).toBe(false)
  expect((await commandState(id))?.status).toBe('waiting')
})

test('a command that was taken back is not carried', async () => {
  const [kept, taken] = [await enqueueCommand('train', 'd1'), await enqueueCommand('train', 'd2')]
  expect(await cancelCommand(taken)).toBe(true)
  expect(await markAsSent([kept, taken])).toEqual(new Set([kept]))
})

test('of both at once only one wins', async () => {
  const id = await enqueueCommand('compile', 'd1')
  const [cancelled, carried] = await Promise.all([cancelCommand(id), markAsSent([id])])
  expect(carried.has(id)).toBe(!cancelled)
})

test('a command of an older version, which did not note it, counts as one that may have been sent', async () => {
  const id = await enqueueCommand('compile', 'd1')
  await withDatabase(async (db) => {
    const { sent: _, ...older } = (await db.get('commands', id)) as StoredCommand
    await db.put('commands', older)
  })
  expect(await cancelCommand(id)).toBe(false)
})
