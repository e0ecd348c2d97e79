/** Telemetry on this phone: the consent, and events that the server does not have yet. Without consent no event is stored. */
import type { IDBPTransaction } from 'idb'
import type { TelemetryEvent } from '../generated/wire'
import { announce } from './changes'
import { isOpen } from './commands'
import { type Schema, type StoredCommand, type TelemetryConsent, withDatabase } from './database'
import { randomId } from './random_id'

export type { TelemetryConsent } from './database'

/** More events than a phone makes in weeks; beyond it the oldest are dropped. */
export const MAX_QUEUED = 500
/** a shorter time without the server is no use of the app offline */
const MIN_OFFLINE_MS = 1_000
const KEY = 'telemetry'

type Fields<Event> = Event extends TelemetryEvent ? Omit<Event, 'id' | 'at'> : never
/** An event before it has an id and a time. */
export type NewEvent = Fields<TelemetryEvent>

type Transaction = IDBPTransaction<Schema, ('telemetry' | 'consent' | 'commands')[], 'readwrite'>

export function readConsent(): Promise<TelemetryConsent | undefined> {
  return withDatabase((db) => db.get('consent', KEY))
}

/** Store the answer. "No" deletes the events that wait; "yes" leaves out what ended before. */
export async function storeAnswer(answer: 'yes' | 'no'): Promise<void> {
  await withDatabase(async (db) => {
    const tx = db.transaction(['telemetry', 'consent', 'commands'], 'readwrite', { durability: 'strict' })
    const before = await tx.objectStore('consent').get(KEY)
    const ended = (await tx.objectStore('commands').getAll()).filter((command) => !isOpen(command))
    const consent = { deviceId: before?.deviceId ?? randomId('t'), deletes: before?.deletes ?? false }
    const seenCommands = ended.map(({ id }) => id)
    if (answer === 'no') await tx.objectStore('telemetry').clear()
    await tx.objectStore('consent').put({ ...consent, answer, offlineMs: 0, seenCommands }, KEY)
    await tx.done
  })
  announceChange()
}

/** Queue an event; nothing without consent, or where one with this id waits. Resolves with whether it was queued. */
export async function queueEvent(event: NewEvent, id = randomId('e')): Promise<boolean> {
  const queued = await changeConsent(async (tx, consent) => {
    await put(tx, event, id)
    return consent
  })
  if (queued) announceChange()
  return queued
}

async function put(tx: Transaction, event: NewEvent, id: string): Promise<void> {
  const store = tx.objectStore('telemetry')
  if ((await store.index('id').getKey(id)) !== undefined) return
  await store.add({ ...event, id, at: new Date().toISOString() })
  let surplus = (await store.count()) - MAX_QUEUED
  for (let cursor = await store.openCursor(); cursor && surplus > 0; cursor = await cursor.continue()) {
    await cursor.delete()
    surplus -= 1
  }
}

/** Queue the event that `eventOf` makes of each ended command that was not seen before; null is none. */
export async function queueCommands(eventOf: (command: StoredCommand) => NewEvent | null): Promise<void> {
  let queued = false
  await changeConsent(async (tx, consent) => {
    // in one transaction with the events, so that other tabs find the commands seen
    const ended = (await tx.objectStore('commands').getAll()).filter((command) => !isOpen(command))
    const seen = new Set(consent.seenCommands)
    for (const command of ended) {
      const event = seen.has(command.id) ? null : eventOf(command)
      if (!event) continue
      queued = true
      await put(tx, event, `e${command.id}`)
    }
    return { ...consent, seenCommands: ended.map(({ id }) => id) }
  })
  if (queued) announceChange()
}

/** Add to the time for which the app was visible without the server. */
export async function addOfflineTime(ms: number): Promise<void> {
  await changeConsent(async (_, consent) => ({ ...consent, offlineMs: consent.offlineMs + ms }))
}

/** Queue the time without the server, with the last part of it, now that the server is reached. */
export async function endOfflineTime(lastMs: number): Promise<void> {
  let queued = false
  await changeConsent(async (tx, consent) => {
    const ms = consent.offlineMs + lastMs
    if (ms < MIN_OFFLINE_MS) return { ...consent, offlineMs: 0 }
    queued = true
    await put(tx, { type: 'offline_seconds', seconds: Math.round(ms / 100) / 10 }, randomId('e'))
    return { ...consent, offlineMs: 0 }
  })
  if (queued) announceChange()
}

/** Change the stored consent if it is a "yes"; resolves with whether it is. */
async function changeConsent(
  change: (tx: Transaction, consent: TelemetryConsent) => Promise<TelemetryConsent>,
): Promise<boolean> {
  return await withDatabase(async (db) => {
    const tx = db.transaction(['telemetry', 'consent', 'commands'], 'readwrite')
    const consent = await tx.objectStore('consent').get(KEY)
    const agreed = consent?.answer === 'yes'
    if (agreed) {
      const after = await change(tx, consent)
      if (after !== consent) await tx.objectStore('consent').put(after, KEY)
    }
    await tx.done
    return agreed
  })
}

/** Events that wait, the oldest first, and under which device id they are sent. */
export interface Queue {
  deviceId: string
  /** whether the server has to delete what it keeps first */
  deletes: boolean
  events: TelemetryEvent[]
}

/** The first events that wait, and whether the server has to delete its own; undefined if the question was never answered. */
export function readQueue(limit = MAX_QUEUED): Promise<Queue | undefined> {
  return withDatabase(async (db) => {
    const tx = db.transaction(['telemetry', 'consent'])
    const consent = await tx.objectStore('consent').get(KEY)
    const events = consent?.answer === 'yes' ? await tx.objectStore('telemetry').getAll(null, limit) : []
    await tx.done
    return consent && { deviceId: consent.deviceId, deletes: consent.deletes, events }
  })
}

/** Remove events that the server has, or refuses. */
export async function removeQueued(events: readonly TelemetryEvent[]): Promise<void> {
  await withDatabase(async (db) => {
    const tx = db.transaction('telemetry', 'readwrite')
    for (const { id } of events) {
      const key = await tx.store.index('id').getKey(id)
      if (key !== undefined) await tx.store.delete(key)
    }
    await tx.done
  })
  announceChange()
}

/** Delete what waits here, and note that the server has to delete what it keeps. */
export async function requestDeletion(): Promise<void> {
  await withDatabase(async (db) => {
    const tx = db.transaction(['telemetry', 'consent'], 'readwrite', { durability: 'strict' })
    const consent = await tx.objectStore('consent').get(KEY)
    await tx.objectStore('telemetry').clear()
    if (consent) await tx.objectStore('consent').put({ ...consent, deletes: true, offlineMs: 0 }, KEY)
    await tx.done
  })
  announceChange()
}

/** Note that the server has deleted what it kept of this device id; later events get another one. */
export async function noteDeletion(deviceId: string): Promise<void> {
  await withDatabase(async (db) => {
    const tx = db.transaction('consent', 'readwrite')
    const consent = await tx.store.get(KEY)
    if (consent?.deviceId === deviceId) await tx.store.put({ ...consent, deletes: false, deviceId: randomId('t') }, KEY)
    await tx.done
  })
  announceChange()
}

const announceChange = (): void => announce({ store: 'telemetry', ids: [], local: false })
