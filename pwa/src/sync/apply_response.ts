/** How an answer becomes rows: one transaction, nothing edited meanwhile is touched, nothing vanishes by being absent. */
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
import type { Collected } from './build_request'

/** What an answer changed and whether to ask again at once. */
export interface Taken {
  again: boolean
  /** a command is still being worked on: ask again before long */
  running: boolean
  designs: string[]
  commands: string[]
  /** why the server cannot read the first of the designs that it cannot read */
  unreadable?: string
}

type Transaction = IDBPTransaction<Schema, ('designs' | 'commands' | 'meta')[], 'readwrite'>

/** Store an answer. A server that is not the one we knew (new epoch, or its numbers went back) is sent everything again. */
export function take(collected: Collected, answer: SyncResponse): Promise<Taken> {
  const { request } = collected
  const wentBack = answer.epoch === request.epoch && answer.cursor < (request.cursor ?? 0)
  const unknownServer = wentBack || (request.epoch !== null && answer.epoch !== request.epoch)
  return withDatabase(async (db) => {
    const tx = db.transaction(['designs', 'commands', 'meta'], 'readwrite')
    const taken: Taken = { again: collected.more || unknownServer, running: false, designs: [], commands: [] }
    taken.unreadable = answer.unreadable?.[0]?.problem.detail // servers before this field leave it out
    // merged with a base that a server gone back may not know: not adopted, but sent again with an empty base
    if (!wentBack) for (const said of answer.designs) await takeDesign(tx, said, collected.sent.get(said.id), answer.epoch, taken)
    await takeRejections(tx, answer, collected.sent, taken)
    await takeCommands(tx, answer.commands, taken)
    const meta = (await tx.objectStore('meta').get('sync')) as SyncMeta
    const lastChange = unknownServer
      ? await sendAgain(tx, meta.lastChange, wentBack ? null : answer.epoch, taken)
      : meta.lastChange
    const cursor = unknownServer ? 0 : answer.cursor
    const lastSyncedAt = new Date().toISOString()
    await tx.objectStore('meta').put({ ...meta, lastChange, epoch: answer.epoch, cursor, lastSyncedAt }, 'sync')
    await tx.done
    return taken
  })
}

async function takeDesign(
  tx: Transaction,
  said: SyncedDesign,
  sent: SentChange | undefined,
  epoch: string,
  taken: Taken,
): Promise<void> {
  const designs = tx.objectStore('designs')
  const row = await designs.get(said.id)
  const after = row && sent ? ownRow(row, sent, said, epoch) : pulledRow(row, said, epoch)
  if (after === row) return
  if (after) await designs.put(after)
  else await designs.delete(said.id)
  taken.designs.push(said.id)
  if (after?.dirty && after.change !== sent?.change) taken.again = true
}

/** A design we sent: adopt the merged document, unless it was edited meanwhile; then what was sent is the base of that edit. */
function ownRow(row: StoredDesign, sent: SentChange, said: SyncedDesign, epoch: string): StoredDesign | undefined {
  const moved = row.change !== sent.change
  const told = { ...row, epoch, baseEtag: said.etag ?? null, sent: null, rejected: null }
  if (said.deleted) {
    // an edit made since beats the delete: it goes again, as something the server does not have
    return moved ? { ...told, base: null } : undefined
  }
  if (!said.document) return row
  if (!moved) return adoptedRow(row, said.document, said, epoch)
  const known = row.epoch === epoch ? row.base : null
  return { ...told, base: sent.deleted ? known : sent.work, conflicts: [...row.conflicts, ...(said.conflicts ?? [])] }
}

/** A design somebody else changed: only a row without edits of ours, known to this server, takes it or goes with it. */
function pulledRow(row: StoredDesign | undefined, said: SyncedDesign, epoch: string): StoredDesign | undefined {
  if (!row) return said.document && adoptedRow(blankRow(said.document), said.document, said, epoch)
  if (row.dirty || row.epoch !== epoch) return row
  if (said.deleted) return undefined
  return said.document ? adoptedRow(row, said.document, said, epoch) : row
}

async function takeRejections(tx: Transaction, answer: SyncResponse, sent: Map<string, SentChange>, taken: Taken): Promise<void> {
  const designs = tx.objectStore('designs')
  for (const { id, problem } of answer.rejected) {
    const row = await designs.get(id)
    const snapshot = sent.get(id)
    if (!row || !snapshot) continue
    await designs.put({ ...row, sent: null, rejected: { change: snapshot.change, problem } })
    taken.designs.push(id)
    if (row.change !== snapshot.change) taken.again = true
  }
}

async function takeCommands(tx: Transaction, said: SyncedCommand[], taken: Taken): Promise<void> {
  const commands = tx.objectStore('commands')
  for (const one of said) {
    const command = await commands.get(one.id)
    if (!command || !isOpen(command)) continue
    if (one.status === 'running') taken.running = true
    const after = commandAfter(command, one)
    if (after.status === command.status && after.runId === command.runId) continue
    await commands.put(after)
    taken.commands.push(one.id)
  }
}

function commandAfter(command: StoredCommand, said: SyncedCommand): StoredCommand {
  const { run_id: runId, result, problem } = said
  return { ...command, status: said.status, ...(runId && { runId }), ...(result && { result }), ...(problem && { problem }) }
}

/** Mark every design the server of `epoch` did not just take as not known to any server; returns the last number given. */
async function sendAgain(tx: Transaction, lastChange: number, epoch: string | null, taken: Taken): Promise<number> {
  const designs = tx.objectStore('designs')
  let change = lastChange
  for (const row of await designs.getAll()) {
    if (row.epoch === epoch) continue
    change += 1
    await designs.put({ ...row, epoch: null, dirty: true, sent: null, rejected: null, change })
    taken.designs.push(row.id)
  }
  return change
}
