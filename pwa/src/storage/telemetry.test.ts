import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { closeChannel } from './changes'
import { enqueueCommand } from './commands'
import { closeDatabase, type StoredCommand, withDatabase } from './database'
import {
  addOfflineTime,
  endOfflineTime,
  MAX_QUEUED,
  type NewEvent,
  noteDeletion,
  queueCommands,
  queueEvent,
  readConsent,
  readQueue,
  removeQueued,
  requestDeletion,
  storeAnswer,
} from './telemetry'

beforeEach(async () => {
  await closeDatabase()
  globalThis.indexedDB = new IDBFactory()
})
afterEach(closeChannel)

const offline = (seconds: number): NewEvent => ({ type: 'offline_seconds', seconds })
const queued = async () => (await readQueue())?.events ?? []
const rows = () => withDatabase((db) => db.getAll('telemetry'))

async function endCommand(id: string): Promise<void> {
  await withDatabase(async (db) => {
    await db.put('commands', { ...((await db.get('commands', id)) as StoredCommand), status: 'done' })
  })
}

test.each([undefined, 'no' as const])('with the answer %s nothing is stored, in no way', async (answer) => {
  if (answer) await storeAnswer(answer)
  await endCommand(await enqueueCommand('compile', 'd1'))
  expect(await queueEvent(offline(1))).toBe(false)
  await addOfflineTime(9_000)
  await endOfflineTime(9_000)
  await queueCommands(() => offline(2))
  expect(await rows()).toEqual([])
  expect((await readConsent())?.offlineMs ?? 0).toBe(0)
})

test('an event has an id and a time, is queued once, and survives a reload', async () => {
  await storeAnswer('yes')
  await queueEvent(offline(1), 'e1')
  await queueEvent(offline(2), 'e1')
  await queueEvent(offline(3))
  await closeDatabase() // a reload
  const [first, second] = await queued()
  expect(first).toMatchObject({ id: 'e1', seconds: 1 })
  expect(second?.id).toMatch(/^e[a-z0-9]{15}$/)
  expect(second?.at).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
})

test('above the limit the oldest event is dropped', async () => {
  await storeAnswer('yes')
  for (let number = 0; number < MAX_QUEUED + 3; number += 1) await queueEvent(offline(number))
  const seconds = (await queued()).map((event) => 'seconds' in event && event.seconds)
  expect([seconds.length, seconds[0], seconds.at(-1)]).toEqual([MAX_QUEUED, 3, MAX_QUEUED + 2])
})

test('switched off, what waits is deleted, and later what ended before the consent is left out', async () => {
  await storeAnswer('yes')
  const { deviceId } = (await readConsent()) ?? {}
  await queueEvent(offline(1))
  await addOfflineTime(5_000)
  await storeAnswer('no')
  expect(await rows()).toEqual([])
  const [before, after] = [await enqueueCommand('compile', 'd1'), await enqueueCommand('train', 'd1')]
  await endCommand(before)
  await storeAnswer('yes')
  await endCommand(after)
  const commands: string[] = []
  const note = ({ id }: StoredCommand) => {
    commands.push(id)
    return offline(7)
  }
  await queueCommands(note)
  await queueCommands(note)
  expect(commands).toEqual([after])
  expect(await queued()).toMatchObject([{ id: `e${after}`, seconds: 7 }])
  expect((await readConsent())?.deviceId).toBe(deviceId)
})

test('time without the server is added up over reloads and becomes one event', async () => {
  await storeAnswer('yes')
  await addOfflineTime(2_000)
  await closeDatabase()
  await addOfflineTime(1_500)
  await endOfflineTime(740)
  expect(await queued()).toMatchObject([{ type: 'offline_seconds', seconds: 4.2 }])
  await endOfflineTime(900)
  expect(await queued(), 'less than a second is none').toHaveLength(1)
})

test('a deletion empties the queue, waits for the server, and the next events get another device id', async () => {
  await storeAnswer('yes')
  await queueEvent(offline(1))
  const { deviceId = '' } = (await readQueue()) ?? {}
  await requestDeletion()
  await queueEvent(offline(2))
  expect(await readQueue()).toMatchObject({ deviceId, deletes: true, events: [{ seconds: 2 }] })
  await noteDeletion('another')
  expect((await readQueue())?.deletes).toBe(true)
  await noteDeletion(deviceId)
  const after = await readQueue()
  expect(after).toMatchObject({ deletes: false, events: [{ seconds: 2 }] })
  expect(after?.deviceId).not.toBe(deviceId)
  await removeQueued(after?.events ?? [])
  expect(await rows()).toEqual([])
})
