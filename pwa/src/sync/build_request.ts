/** Builds the request of one sync call: every changed design with the document it started from, and the commands. */
import type { IDBPTransaction } from 'idb'
import type { PushedCommand, PushedDesign, SyncRequest } from '../generated/wire'
import { isOpen } from '../storage/commands'
import { conflictsToSend } from '../storage/conflicts'
import { freshMeta, type Schema, type StoredCommand, type StoredDesign, type SyncMeta, withDatabase } from '../storage/database'
import { randomId } from '../storage/random_id'
import { changeToSend, indexed, needsSending, type Sending } from '../storage/sending'
import { includes } from '../storage/vectors'
import { deviceName } from './device_name'

export { needsSending } from '../storage/sending'

/** A request, with what is needed to apply its response. */
export interface PreparedRequest {
  request: SyncRequest
  /** what the request says of each design, by design id */
  sent: Map<string, Sending>
  /** whether more designs, or news of conflicts, wait than fitted into the request */
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

type Transaction = IDBPTransaction<Schema, ('designs' | 'commands' | 'meta' | 'conflicts')[], 'readwrite'>

/** Build the request and note in each row which change is sent. */
export function buildRequest(limits: Limits = LIMITS): Promise<PreparedRequest> {
  return withDatabase(async (db) => {
    const tx = db.transaction(['designs', 'commands', 'meta', 'conflicts'], 'readwrite')
    const meta = (await tx.objectStore('meta').get('sync')) ?? freshMeta(randomId('c'))
    await tx.objectStore('meta').put(meta, 'sync')
    const { chosen, more } = await chooseDesigns(tx, limits)
    const sent = new Map<string, Sending>()
    const designs: PushedDesign[] = []
    for (const row of chosen) {
      const next = changeToSend(row)
      const sending = { ...next, clientId: next.clientId ?? meta.clientId }
      sent.set(row.id, sending)
      designs.push(pushedDesign(row, sending))
      // stored before the call: if its response is lost, the same change is sent again, and the server recognises its number
      if (!sending.report && !row.sent?.clientId) await tx.objectStore('designs').put(indexed({ ...row, sent: sending }))
    }
    const { commands, failed } = await chooseCommands(tx, sent)
    const isUpToDate = async (id: string) => hasNewest(await tx.objectStore('designs').get(id), sent)
    const conflicts = await conflictsToSend(tx, isUpToDate)
    await tx.done
    // with the last of several calls, since only then the server has every design that a command may mean
    const request = { ...requestOf(meta, designs, more ? [] : commands), ...conflicts.sent }
    return { request, sent, more: more || conflicts.more, failed }
  })
}

function requestOf(meta: SyncMeta, designs: PushedDesign[], commands: StoredCommand[]): SyncRequest {
  return {
    epoch: meta.epoch,
    cursor: meta.cursor,
    cursor_token: meta.cursorToken ?? null,
    client_id: meta.clientId,
    device_id: meta.deviceId ?? meta.clientId,
    device_name: deviceName(),
    ...(meta.announcesFormer && { former_device_ids: meta.formerDeviceIds ?? [] }),
    designs,
    commands: commands.map(pushed),
  }
}

/** The first designs that fit into one call; at least one, since a design that is too large alone has to be refused by the server. */
async function chooseDesigns(tx: Transaction, limits: Limits): Promise<{ chosen: StoredDesign[]; more: boolean }> {
  const waiting = tx.objectStore('designs').index('waiting')
  const chosen: StoredDesign[] = []
  let characters = 0
  // one row at a time: reading hundreds at once would block the page
  for (const id of await waiting.getAllKeys('unsent', limits.designs + 1)) {
    const row = (await tx.objectStore('designs').get(id)) as StoredDesign
    characters += sizeOf(changeToSend(row).work) + sizeOf(row.base) + sizeOf(row.anchor ?? row.former?.document)
    if (chosen.length > 0 && (chosen.length >= limits.designs || characters > limits.characters)) return { chosen, more: true }
    chosen.push(row)
  }
  return { chosen, more: false }
}

const sizeOf = (document: object | null | undefined): number => (document ? JSON.stringify(document).length : 0)

/** A command as it is sent. */
function pushed({ id, kind, designId, config, continues }: StoredCommand): PushedCommand {
  const command = { id, kind, design_id: designId, config }
  return continues === undefined ? command : { ...command, kind: 'resume', run_id: continues }
}

/**
 * The commands whose designs are stored on the server in their current version, and those that fail because their design was
 * refused. A run that is trained longer has its own copy of the design.
 */
async function chooseCommands(
  tx: Transaction,
  sent: Map<string, Sending>,
): Promise<{ commands: StoredCommand[]; failed: string[] }> {
  const commands: StoredCommand[] = []
  const failed: string[] = []
  for (const command of (await tx.objectStore('commands').getAll()).filter(isOpen)) {
    const row = await tx.objectStore('designs').get(command.designId)
    const isReady = command.status === 'running' || command.continues !== undefined
    if (isReady || hasNewest(row, sent)) commands.push(command)
    else if (row?.rejected && !needsSending(row)) {
      await tx.objectStore('commands').put({ ...command, status: 'failed', problem: row.rejected.problem })
      failed.push(command.id)
    }
  }
  return { commands, failed }
}

/** Whether the server has the newest of a design once it has read this request: a command means the design as it is on the phone. */
function hasNewest(row: StoredDesign | undefined, sent: Map<string, Sending>): boolean {
  if (!row || (!row.dirty && !row.report)) return true
  return sent.get(row.id)?.change === row.change
}

/** An older version of the server than the base, for one that was put back from a copy. */
function anchorOf({ anchor, anchorSeen, baseSeen = {}, former }: StoredDesign): Pick<PushedDesign, 'anchor' | 'anchor_seen'> {
  if (anchor && anchorSeen) return { anchor: { ...anchor }, anchor_seen: anchorSeen }
  if (!former || includes(former.seen, baseSeen)) return {}
  return { anchor: { ...former.document }, anchor_seen: former.seen }
}

function pushedDesign(row: StoredDesign, { change, deleted, work, report, clientId }: Sending): PushedDesign {
  return {
    id: row.id,
    base: row.base && { ...row.base },
    // null: a base of an older version of the app, whose version vector the server looks up
    base_seen: row.baseSeen ?? (row.base ? null : {}),
    ...(row.baseContents && { base_contents: row.baseContents }),
    ...anchorOf(row),
    ...(deleted ? { deleted: true } : { work: { ...work } }),
    ...(report ? {} : { client_id: clientId, change }),
    ...(row.forked && { yields: true }),
  }
}
