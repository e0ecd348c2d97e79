/** Stores the server's response to a sync call: one transaction, and no edit made while the call was under way is lost. */
import type { IDBPTransaction } from 'idb'
import type { SyncedCommand, SyncedDesign, SyncRequest, SyncResponse } from '../generated/wire'
import { isOpen } from '../storage/commands'
import { applyConflicts, noteOwnConflicts, reportConflicts } from '../storage/conflicts'
import { type Schema, type StoredCommand, type StoredDesign, type SyncMeta, withDatabase } from '../storage/database'
import { rememberRemoval } from '../storage/origins'
import { randomId } from '../storage/random_id'
import { changeToSend, indexed, type Sending } from '../storage/sending'
import type { PreparedRequest } from './build_request'
import type { Answered } from './protocol'
import { type Answer, rowAfterOwn, rowAfterPull } from './row_after'

/** What a response changed on this phone. */
export interface AppliedResponse {
  /** whether another call has something to send at once */
  again: boolean
  /** whether the server still works on a command, so that its result has to be fetched before long */
  running: boolean
  /** ids of the rows that changed */
  designs: string[]
  commands: string[]
  /** why the server cannot read a design that it stores; the first of them */
  unreadable?: string
}

/** How many earlier device ids are kept; the server takes 20. */
const MAX_FORMER = 10

type Transaction = IDBPTransaction<Schema, ('designs' | 'commands' | 'meta' | 'conflicts')[], 'readwrite'>

interface Applying {
  tx: Transaction
  answer: Answer
  sent: Map<string, Sending>
  applied: AppliedResponse
  /** `StoredDesign.order` of the rows that get another document */
  order: number
  hasNews: boolean
}

/** Store a response. Where the server proves to be another one, or put back from a copy, mark what it may have lost. */
export function applyResponse(prepared: PreparedRequest, response: Answered): Promise<AppliedResponse> {
  const { request, sent } = prepared
  return withDatabase(async (db) => {
    // one transaction: a page that is closed half-way has either applied the whole response or will fetch it again
    const tx = db.transaction(['designs', 'commands', 'meta', 'conflicts'], 'readwrite')
    const meta = (await tx.objectStore('meta').get('sync')) as SyncMeta
    const order = meta.lastChange + 1
    const applied: AppliedResponse = { again: prepared.more, running: false, designs: [], commands: [] }
    const answer = { epoch: response.epoch, isOtherHistory: isOtherHistory(request, response) }
    const applying: Applying = { tx, answer, sent, applied, order, hasNews: false }
    applied.unreadable = response.unreadable?.[0]?.problem.detail // servers before this field leave it out
    for (const { conflicts, ...synced } of response.designs) {
      // servers of older versions keep no conflicts, and report them with the design alone
      await applyDesign(applying, response.conflicts || !conflicts ? synced : { ...synced, conflicts })
    }
    if (answer.isOtherHistory) await reportUnlisted(applying, response)
    await applyRejections(applying, response)
    await applyCommands(applying, response)
    applied.designs.push(...(await applyConflicts(tx, request, response)))
    if (answer.isOtherHistory && (await reportConflicts(tx))) applied.again = true
    // a server that has more of them than fit into an answer sends the next once these are acknowledged
    const known = new Set(request.acknowledged)
    if (response.conflicts?.some(({ id }) => !known.has(id))) applied.again = true
    const { epoch, cursor, cursor_token: cursorToken } = response
    const lastChange = applying.hasNews ? order : meta.lastChange
    const announcesFormer = answer.isOtherHistory && meta.formerDeviceIds !== undefined
    const after = { ...meta, announcesFormer, lastChange, epoch, cursor, cursorToken, lastSyncedAt: new Date().toISOString() }
    await tx.objectStore('meta').put(isCopy(meta, sent, response) ? await takeNewClientId(tx, after) : after, 'sync')
    await tx.done
    return applied
  })
}

/** Whether the server lacks changes that this phone has seen; servers of older versions do not say so themselves. */
function isOtherHistory(request: SyncRequest, response: SyncResponse): boolean {
  const hasNewEpoch = request.epoch !== null && response.epoch !== request.epoch
  if (response.history) return response.history === 'other' || hasNewEpoch
  return hasNewEpoch || response.cursor < (request.cursor ?? 0)
}

async function putRow({ tx, applied }: Applying, row: StoredDesign): Promise<void> {
  await tx.objectStore('designs').put(indexed(row))
  applied.designs.push(row.id)
}

async function applyDesign(applying: Applying, synced: SyncedDesign): Promise<void> {
  const { tx, answer, applied } = applying
  const designs = tx.objectStore('designs')
  const row = await designs.get(synced.id)
  const sent = applying.sent.get(synced.id)
  const after = row && sent ? rowAfterOwn(row, sent, synced, answer) : rowAfterPull(row, synced, answer)
  if (after === row) return
  if (after) {
    const isNews = after.work !== row?.work
    applying.hasNews ||= isNews
    await putRow(applying, isNews ? { ...after, order: applying.order } : after)
  } else {
    await designs.delete(synced.id)
    if (sent?.deleted) rememberRemoval(synced.id, synced.seen ?? {})
    applied.designs.push(synced.id)
  }
  // edited while the call was under way, or not applied: that is not on the server yet
  if (after?.report || (after?.dirty && (after.change !== sent?.change || after.forked))) applied.again = true
}

/** Mark the designs that the server of another history does not have; one that it cannot read is there. */
async function reportUnlisted(applying: Applying, { designs, unreadable = [], rejected }: SyncResponse): Promise<void> {
  const listed = new Set([...designs, ...unreadable, ...rejected].map(({ id }) => id))
  const store = applying.tx.objectStore('designs')
  for (const id of await store.getAllKeys()) {
    if (listed.has(id)) continue
    const row = (await store.get(id)) as StoredDesign
    if (row.dirty) continue
    await putRow(applying, { ...row, report: true, rejected: null })
    applying.applied.again = true
  }
}

async function applyRejections(applying: Applying, response: SyncResponse): Promise<void> {
  for (const { id, problem } of response.rejected) {
    const row = await applying.tx.objectStore('designs').get(id)
    const change = applying.sent.get(id)
    if (!row || !change) continue
    // stored with the number of the change, so that the next edit, which may be valid, is sent again
    await putRow(applying, { ...row, sent: null, rejected: { change: change.change, problem } })
    if (row.change !== change.change) applying.applied.again = true
  }
}

async function applyCommands({ tx, applied }: Applying, { commands: synced, requestId }: Answered): Promise<void> {
  const commands = tx.objectStore('commands')
  for (const result of synced) {
    const command = await commands.get(result.id)
    // cancelled here, or ended by an earlier response: a late status must not reopen it
    if (!command || !isOpen(command)) continue
    if (result.status === 'running') applied.running = true
    const after = commandAfter(command, result)
    if (after.status === command.status && after.runId === command.runId) continue
    await commands.put(isOpen(after) ? after : { ...after, endedAt: Date.now(), ...(requestId && { requestId }) })
    applied.commands.push(result.id)
  }
}

function commandAfter(command: StoredCommand, synced: SyncedCommand): StoredCommand {
  const { run_id: runId, result, problem } = synced
  return { ...command, status: synced.status, ...(runId && { runId }), ...(result && { result }), ...(problem && { problem }) }
}

/**
 * Whether this phone's storage is a copy, of another phone's or of an earlier state of its own: the server has changes under its
 * client id that it did not make, or other ones under the same numbers.
 */
function isCopy({ clientId, lastChange }: SyncMeta, sent: Map<string, Sending>, { designs }: SyncResponse): boolean {
  return designs.some(
    ({ id, forked, seen }) => (forked && sent.get(id)?.clientId === clientId) || (seen?.[clientId] ?? 0) > lastChange,
  )
}

/**
 * A new client id for the changes from now on; those made before keep theirs, so that what the server has is recognised. The device
 * id is renewed too: what one of two copies acknowledges would never reach the other.
 */
async function takeNewClientId(tx: Transaction, meta: SyncMeta): Promise<SyncMeta> {
  const designs = tx.objectStore('designs')
  for (const key of ['unsent', 'refused']) {
    for (const id of await designs.index('waiting').getAllKeys(key)) {
      const row = (await designs.get(id)) as StoredDesign
      if (!row.dirty || row.forked || row.sent?.clientId) continue
      await designs.put(indexed({ ...row, sent: { ...changeToSend(row), clientId: meta.clientId } }))
    }
  }
  await noteOwnConflicts(tx, meta)
  const id = randomId('c')
  const formerDeviceIds = [...(meta.formerDeviceIds ?? []), meta.deviceId ?? meta.clientId].slice(-MAX_FORMER)
  return { ...meta, formerDeviceIds, announcesFormer: true, deviceId: id, clientId: id }
}
