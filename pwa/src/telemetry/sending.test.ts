import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ApiProblem } from '../api/problem'
import type { TelemetryBatch } from '../generated/wire'
import { closeChannel } from '../storage/changes'
import { closeDatabase } from '../storage/database'
import { queueEvent, readQueue, requestDeletion, storeAnswer } from '../storage/telemetry'
import { sendTelemetry } from './sending'

/** A server that stores events by device, once each; `refuse` names one that it takes for wrong. */
class FakeTelemetry {
  stored = new Map<string, Set<string>>()
  calls: string[] = []
  refuse: string | undefined
  answers = true
  losesAnswer = false

  fetch = async (path: string, { method = 'GET', body }: RequestInit = {}): Promise<Response> => {
    if (!this.answers) throw new TypeError('Failed to fetch')
    if (method === 'DELETE') {
      this.calls.push('delete')
      this.stored.delete(new URL(path, 'http://phone').searchParams.get('device_id') ?? '')
      return new Response(null, { status: 204 })
    }
    const { device_id, events } = JSON.parse(String(body)) as TelemetryBatch
    this.calls.push(`${events.length}`)
    if (events.some(({ id }) => id === this.refuse)) {
      const headers = { 'content-type': 'application/problem+json' }
      return new Response(JSON.stringify({ title: 'Not the right shape', detail: '', status: 422 }), { status: 422, headers })
    }
    const known = this.stored.get(device_id) ?? new Set()
    for (const { id } of events) known.add(id)
    this.stored.set(device_id, known)
    if (this.losesAnswer) throw new TypeError('Failed to fetch')
    return Response.json({ stored: events.length, known: 0 })
  }
  ids = () => [...this.stored.values()].flatMap((ids) => [...ids]).sort()
}

let server: FakeTelemetry
beforeEach(async () => {
  await closeDatabase()
  globalThis.indexedDB = new IDBFactory()
  server = new FakeTelemetry()
  vi.stubGlobal('fetch', server.fetch)
})
afterEach(() => {
  closeChannel()
  vi.unstubAllGlobals()
})

const queue = async (...ids: string[]) => {
  for (const id of ids) await queueEvent({ type: 'offline_seconds', seconds: 1 }, id)
}
const waiting = async () => (await readQueue())?.events.map(({ id }) => id)

test('nothing is sent before the question is answered, nor after a "no"', async () => {
  await queue('e1')
  await sendTelemetry()
  await storeAnswer('no')
  await queue('e2')
  await sendTelemetry()
  expect(server.calls).toEqual([])
})

test('what waits is sent in calls of 100, and removed once the server has it', async () => {
  await storeAnswer('yes')
  for (let number = 0; number < 130; number += 1) await queue(`e${number}`)
  await Promise.all([sendTelemetry(), sendTelemetry()])
  expect(server.calls).toEqual(['100', '30'])
  expect(server.ids()).toHaveLength(130)
  expect(await waiting()).toEqual([])
})

test('without the server it stays, and a call whose answer was lost is repeated without harm', async () => {
  await storeAnswer('yes')
  await queue('e1')
  server.answers = false
  await expect(sendTelemetry()).rejects.toBeInstanceOf(ApiProblem)
  server.answers = true
  server.losesAnswer = true
  await expect(sendTelemetry()).rejects.toMatchObject({ transient: true })
  expect(await waiting()).toEqual(['e1'])
  await closeDatabase() // a reload
  server.losesAnswer = false
  await queue('e2')
  await sendTelemetry()
  expect(server.ids()).toEqual(['e1', 'e2'])
  expect(await waiting()).toEqual([])
})

test('an event that the server refuses is dropped alone', async () => {
  await storeAnswer('yes')
  await queue('e1', 'e2', 'e3')
  server.refuse = 'e2'
  await sendTelemetry()
  expect(server.ids()).toEqual(['e1', 'e3'])
  expect(await waiting()).toEqual([])
})

test('a deletion asked for offline comes before newer events, and is done although telemetry is off', async () => {
  await storeAnswer('yes')
  await queue('e1')
  await sendTelemetry()
  server.answers = false
  await requestDeletion()
  await queue('e2')
  await expect(sendTelemetry()).rejects.toBeInstanceOf(ApiProblem)
  server.answers = true
  server.calls = []
  await sendTelemetry()
  expect(server.calls).toEqual(['delete', '1'])
  expect(server.ids()).toEqual(['e2'])
  await requestDeletion()
  await storeAnswer('no')
  await sendTelemetry()
  expect(server.ids()).toEqual([])
  expect((await readQueue())?.deletes).toBe(false)
})
