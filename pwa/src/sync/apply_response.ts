/** Stores the server's response to a sync call: one transaction, and no edit made while the call was under way is lost. */
import type { IDBPTransaction } from 'idb'
import type { SyncedCommand, SyncedDesign, SyncResponse } from '../generated/wire'
import { isOpen } from '../storage/commands'
import {
  type Schema,
  type SentChange,
  type StoredCommand,
  type StoredDesign,
  type SyncMeta,
  withDatabase,
} from '../storage/database'
import { adoptedRow, blankRow } from '../storage/rows'
import type { PreparedRequest } from './build_request'

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

type Transaction = IDBPTransaction<Schema, ('designs' | 'commands' | 'meta')[], 'readwrite'>

/** Store a response; for another server than the last one (another epoch, a lower cursor), mark all designs to be sent. */
export function applyResponse(prepared: PreparedRequest, response: SyncResponse): Promise<AppliedResponse> {
  const { request } = prepared
  // a database file that was replaced by an older copy has the same epoch, but a cursor lower than the one seen before
  const wentBack = response.epoch === request.epoch && response.cursor < (request.cursor ?? 0)
  const unknownServer = wentBack || (request.epoch !== null && response.epoch !== request.epoch)
  return withDatabase(async (db) => {
    // one transaction: a page that is closed half-way has either applied the whole response or will fetch it again
    const tx = db.transaction(['designs', 'commands', 'meta'], 'readwrite')
    const applied: AppliedResponse = { again: prepared.more || unknownServer, running: false, designs: [], commands: [] }
    applied.unreadable = response.unreadable?.[0]?.problem.detail // servers before this field leave it out
    // a restored server merged with a base that it does not have: its documents are ignored; the next call sends everything again
    if (!wentBack) {
      for (const synced of response.designs) await applyDesign(tx, synced, prepared.sent.get(synced.id), response.epoch, applied)
    }
    await applyRejections(tx, response, prepared.sent, applied)
    await applyCommands(tx, response.commands, applied)
    const meta = (await tx.objectStore('meta').get('sync')) as SyncMeta
    const lastChange = unknownServer
      ? await markForSending(tx, meta.lastChange, wentBack ? null : response.epoch, applied)
      : meta.lastChange
    // start from 0: cursor numbers of another epoch have no meaning for this phone
    const cursor = unknownServer ? 0 : response.cursor
    const lastSyncedAt = new Date().toISOString()
    await tx.objectStore('meta').put({ ...meta, lastChange, epoch: response.epoch, cursor, lastSyncedAt }, 'sync')
    await tx.done
    return applied
  })
}

async function applyDesign(
  tx: Transaction,
  synced: SyncedDesign,
  sent: SentChange | undefined,
  epoch: string,
  applied: AppliedResponse,
): Promise<void> {
  const designs = tx.objectStore('designs')
  const row = await designs.get(synced.id)
  const after = row && sent ? ownRow(row, sent, synced, epoch) : pulledRow(row, synced, epoch)
  if (after === row) return
  if (after) await designs.put(after)
  else await designs.delete(synced.id)
  applied.designs.push(synced.id)
  // edited while the call was under way: that edit is not on the server yet
  if (after?.dirty && after.change !== sent?.change) applied.again = true
}

/** The row of a design that this phone sent; undefined where it is gone on both sides. */
function ownRow(row: StoredDesign, sent: SentChange, synced: SyncedDesign, epoch: string): StoredDesign | undefined {
  const editedMeanwhile = row.change !== sent.change
  const acknowledged = { ...row, epoch, baseEtag: synced.etag ?? null, sent: null, rejected: null }
  if (synced.deleted) {
    // the edit wins over the delete, because a design can be deleted again but not recreated
    return editedMeanwhile ? { ...acknowledged, base: null } : undefined
  }
  if (!synced.document) return row
  if (!editedMeanwhile) return adoptedRow(row, synced.document, synced, epoch)
  // the edit was made on the document that was sent, not on the merged one: with the sent one as its base the server
  // merges it without undoing what others changed
  const baseOnServer = row.epoch === epoch ? row.base : null
  const conflicts = [...row.conflicts, ...(synced.conflicts ?? [])]
  return { ...acknowledged, base: sent.deleted ? baseOnServer : sent.work, conflicts }
}

/** The row of a design that somebody else changed; unchanged where it has edits of its own, which the next call merges. */
function pulledRow(row: StoredDesign | undefined, synced: SyncedDesign, epoch: string): StoredDesign | undefined {
  if (!row) return synced.document && adoptedRow(blankRow(synced.document), synced.document, synced, epoch)
  if (row.dirty || row.epoch !== epoch) return row
  if (synced.deleted) return undefined
  return synced.document ? adoptedRow(row, synced.document, synced, epoch) : row
}

async function applyRejections(
  tx: Transaction,
  response: SyncResponse,
  sent: Map<string, SentChange>,
  applied: AppliedResponse,
): Promise<void> {
  const designs = tx.objectStore('designs')
  for (const { id, problem } of response.rejected) {
    const row = await designs.get(id)
    const change = sent.get(id)
    if (!row || !change) continue
    // stored with the number of the change, so that the next edit, which may be valid, is sent again
    await designs.put({ ...row, sent: null, rejected: { change: change.change, problem } })
    applied.designs.push(id)
    if (row.change !== change.change) applied.again = true
  }
}

async function applyCommands(tx: Transaction, synced: SyncedCommand[], applied: AppliedResponse): Promise<void> {
  const commands = tx.objectStore('commands')
  for (const result of synced) {
    const command = await commands.get(result.id)
    // cancelled here, or ended by an earlier response: a late status must not reopen it
    if (!command || !isOpen(command)) continue
    if (result.status === 'running') applied.running = true
    const after = commandAfter(command, result)
    if (after.status === command.status && after.runId === command.runId) continue
    await commands.put(after)
    applied.commands.push(result.id)
  }
}

function commandAfter(command: StoredCommand, synced: SyncedCommand): StoredCommand {
  const { run_id: runId, result, problem } = synced
  return { ...command, status: synced.status, ...(runId && { runId }), ...(result && { result }), ...(problem && { problem }) }
}

/** Mark every design that the server of `epoch` did not just confirm as unknown to any server; returns the last change number. */
async function markForSending(
  tx: Transaction,
  lastChange: number,
  epoch: string | null,
  applied: AppliedResponse,
): Promise<number> {
  const designs = tx.objectStore('designs')
  let change = lastChange
  for (const row of await designs.getAll()) {
    if (row.epoch === epoch) continue
    // a new number, since the server ignores a change that is not newer than the last one from this phone
    change += 1
    await designs.put({ ...row, epoch: null, dirty: true, sent: null, rejected: null, change })
    applied.designs.push(row.id)
  }
  return change
}
