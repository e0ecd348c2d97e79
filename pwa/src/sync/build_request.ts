/** Builds the request of one sync call: every changed design with the document it started from, and the commands. */
import type { PushedDesign, SyncRequest } from '../generated/wire'
import { isOpen } from '../storage/commands'
import { freshMeta, type SentChange, type StoredCommand, type StoredDesign, withDatabase } from '../storage/database'
import { randomId } from '../storage/random_id'

/** A request, with what is needed to apply its response. */
export interface PreparedRequest {
  request: SyncRequest
  /** the change of each design in the request, by design id */
  sent: Map<string, SentChange>
  /** whether more designs wait than fitted into the request */
  more: boolean
  /** ids of commands that failed without a call, because the server has refused their design */
  failed: string[]
}

/** How much one call may carry. */
interface Limits {
  designs: number
  characters: number
}

// the server refuses bodies over 1.9 MB, and a character may take two bytes
export const LIMITS: Limits = { designs: 100, characters: 900_000 }

/** Whether the server lacks the newest change of a design and has not refused exactly that one. */
export function needsSending(row: StoredDesign): boolean {
  return row.dirty && row.rejected?.change !== changeToSend(row).change
}

/** Build the request and note in each row which change is sent. */
export function buildRequest(limits: Limits = LIMITS): Promise<PreparedRequest> {
  return withDatabase(async (db) => {
    const tx = db.transaction(['designs', 'commands', 'meta'], 'readwrite')
    const designs = tx.objectStore('designs')
    const meta = (await tx.objectStore('meta').get('sync')) ?? freshMeta(randomId('c'))
    await tx.objectStore('meta').put(meta, 'sync')
    const rows = await designs.getAll()
    const waiting = rows.filter(needsSending)
    const chosen = firstThatFit(waiting, limits)
    const sent = new Map<string, SentChange>()
    for (const row of chosen) {
      sent.set(row.id, changeToSend(row))
      // stored before the call: if its response is lost, the same change is sent again, and the server recognises its number
      if (!row.sent) await designs.put({ ...row, sent: changeToSend(row) })
    }
    const byId = new Map(rows.map((row) => [row.id, row]))
    const commands: StoredCommand[] = []
    const failed: string[] = []
    for (const command of (await tx.objectStore('commands').getAll()).filter(isOpen)) {
      const row = byId.get(command.designId)
      if (command.status === 'running' || hasNewest(row, sent)) commands.push(command)
      else if (row?.rejected && !needsSending(row)) {
        await tx.objectStore('commands').put({ ...command, status: 'failed', problem: row.rejected.problem })
        failed.push(command.id)
      }
    }
    await tx.done
    const more = chosen.length < waiting.length
    const request: SyncRequest = {
      epoch: meta.epoch,
      cursor: meta.cursor,
      client_id: meta.clientId,
      designs: chosen.map((row) => pushedDesign(row, meta.epoch, meta.clientId)),
      // with the last of several calls, since only then the server has every design that a command may mean
      commands: more ? [] : commands.map(({ id, kind, designId, config }) => ({ id, kind, design_id: designId, config })),
    }
    return { request, sent, more, failed }
  })
}

/** Whether the server has the newest of a design once it has read this request: a command means the design as it is on the phone. */
function hasNewest(row: StoredDesign | undefined, sent: Map<string, SentChange>): boolean {
  return !row?.dirty || sent.get(row.id)?.change === row.change
}

/** The change to send: one without a response yet comes before a newer one, since the server may have merged it already. */
function changeToSend(row: StoredDesign): SentChange {
  return row.sent ?? { change: row.change, deleted: row.deleted, work: row.work }
}

function pushedDesign(row: StoredDesign, epoch: string | null, clientId: string): PushedDesign {
  const { change, deleted, work } = changeToSend(row)
  // with a base of another epoch, everything missing on this server would look deleted; without a base nothing is lost
  const base = row.epoch === epoch ? row.base : null
  const origin = { client_id: clientId, change }
  return { id: row.id, base: base && { ...base }, ...(deleted ? { deleted: true } : { work: { ...work } }), ...origin }
}

/** The first designs that fit into one call; at least one, since a design that is too large alone has to be refused by the server. */
function firstThatFit(rows: StoredDesign[], limits: Limits): StoredDesign[] {
  const chosen: StoredDesign[] = []
  let characters = 0
  for (const row of rows) {
    characters += JSON.stringify(changeToSend(row).work).length + (row.base ? JSON.stringify(row.base).length : 0)
    if (chosen.length > 0 && (chosen.length >= limits.designs || characters > limits.characters)) break
    chosen.push(row)
  }
  return chosen
}
