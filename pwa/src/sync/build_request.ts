/** What one sync call says: every changed design with what it started from, and the commands; it posts nothing. */
import type { PushedDesign, SyncRequest } from '../generated/wire'
import { isOpen } from '../storage/commands'
import { freshMeta, type SentChange, type StoredCommand, type StoredDesign, withDatabase } from '../storage/database'
import { randomId } from '../storage/random_id'

/** A request and what it holds, by design id. */
export interface Collected {
  request: SyncRequest
  sent: Map<string, SentChange>
  /** whether more designs wait than fitted in */
  more: boolean
  /** commands that ended here and now, since the server refused the design they mean */
  failed: string[]
}

/** How much one call may carry; the server refuses bodies over 1.9 MB, and a character may take two bytes. */
interface Limits {
  designs: number
  characters: number
}

export const LIMITS: Limits = { designs: 100, characters: 900_000 }

/** Whether the server lacks something of this design and has not refused exactly that. */
export function needsSending(row: StoredDesign): boolean {
  return row.dirty && row.rejected?.change !== next(row).change
}

/** Read what has to be said and note in each row what is being sent, so that a lost answer is asked for again first. */
export function collect(limits: Limits = LIMITS): Promise<Collected> {
  return withDatabase(async (db) => {
    const tx = db.transaction(['designs', 'commands', 'meta'], 'readwrite')
    const designs = tx.objectStore('designs')
    const meta = (await tx.objectStore('meta').get('sync')) ?? freshMeta(randomId('c'))
    await tx.objectStore('meta').put(meta, 'sync')
    const rows = await designs.getAll()
    const waiting = rows.filter(needsSending)
    const chosen = fitting(waiting, limits)
    const sent = new Map<string, SentChange>()
    for (const row of chosen) {
      sent.set(row.id, next(row))
      if (!row.sent) await designs.put({ ...row, sent: next(row) })
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
      designs: chosen.map((row) => pushed(row, meta.epoch, meta.clientId)),
      // where designs take several calls, commands go with the last
      commands: more ? [] : commands.map(({ id, kind, designId, config }) => ({ id, kind, design_id: designId, config })),
    }
    return { request, sent, more, failed }
  })
}

/** Whether the server has the newest of a design once it has read this call: a command means the design as it is on the phone. */
function hasNewest(row: StoredDesign | undefined, sent: Map<string, SentChange>): boolean {
  return !row?.dirty || sent.get(row.id)?.change === row.change
}

/** What to send of a row: first again what was sent without hearing an answer, else what is there now. */
function next(row: StoredDesign): SentChange {
  return row.sent ?? { change: row.change, deleted: row.deleted, work: row.work }
}

/** A base of another epoch says nothing to this server: it merges with an empty one, so that nothing is lost. */
function pushed(row: StoredDesign, epoch: string | null, clientId: string): PushedDesign {
  const { change, deleted, work } = next(row)
  const base = row.epoch === epoch ? row.base : null
  const who = { client_id: clientId, change }
  return { id: row.id, base: base && { ...base }, ...(deleted ? { deleted: true } : { work: { ...work } }), ...who }
}

/** The first designs that fit into one call; at least one. */
function fitting(rows: StoredDesign[], limits: Limits): StoredDesign[] {
  const chosen: StoredDesign[] = []
  let characters = 0
  for (const row of rows) {
    characters += JSON.stringify(next(row).work).length + (row.base ? JSON.stringify(row.base).length : 0)
    if (chosen.length > 0 && (chosen.length >= limits.designs || characters > limits.characters)) break
    chosen.push(row)
  }
  return chosen
}
