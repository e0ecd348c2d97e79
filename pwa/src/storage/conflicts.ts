/**
 * Conflicts that the server delivered: each stays here until the person has chosen, and is acknowledged once it is stored.
 *
 * The server's record is written from the side of the phone that sent the change (`mine` is the value of `device`). Everything
 * exported here is turned, so that `mine` is this phone's value.
 */
import type { IDBPTransaction } from 'idb'
import type { Conflict, Resolution, StoredConflict, SyncRequest, SyncResponse } from '../generated/wire'
import { announce } from './changes'
import { type KeptConflict, type Schema, type SyncMeta, storageWorks, withDatabase } from './database'
import { indexed } from './sending'

/** One conflict as the person of this phone sees it. */
export interface DesignConflict extends Conflict {
  id: string
  designId: string
  /** RFC 3339, by the server's clock */
  createdAt: string
  /** name of the other device; empty where it is not known, or where there were several */
  otherDevice: string
  /** what a person chose, on any device; undefined while nobody has */
  resolved?: Resolution['choice']
  /** name of the device on which it was chosen; empty for this one */
  resolvedBy: string
  /** whether the notice about it was closed here */
  dismissed: boolean
}

/** How many are sent in one call. */
const MAX_SENT = 500
const MAX_REPORTED = 100
/** Of those that are acknowledged and whose notice is closed, the newest this many stay. */
const MAX_CLOSED = 300

/** The conflicts of a design, newest first, also those that are decided. */
export async function conflictsOf(designId: string): Promise<DesignConflict[]> {
  const [kept, meta] = await withDatabase((db) =>
    Promise.all([db.getAllFromIndex('conflicts', 'design_id', designId), db.get('meta', 'sync')]),
  )
  return kept
    .filter(({ forOthers }) => !forOthers)
    .sort((a, b) => b.order - a.order)
    .map((conflict) => seenHere(conflict, meta))
}

/** The conflicts whose notice is open, by design id, newest first. */
export async function openConflicts(): Promise<Map<string, DesignConflict[]>> {
  const [kept, meta] = await withDatabase((db) => Promise.all([db.getAll('conflicts'), db.get('meta', 'sync')]))
  const open = new Map<string, DesignConflict[]>()
  for (const conflict of kept.sort((a, b) => b.order - a.order)) {
    if (conflict.dismissed) continue
    open.set(conflict.design_id, [...(open.get(conflict.design_id) ?? []), seenHere(conflict, meta)])
  }
  return open
}

const turn = (side: Resolution['choice']): Resolution['choice'] => (side === 'mine' ? 'theirs' : 'mine')

function seenHere(conflict: KeptConflict, meta: SyncMeta | undefined): DesignConflict {
  const isOwn = isSender(conflict, meta)
  const { id, design_id: designId, path, base, created_at: createdAt, dismissed } = conflict
  const resolved = conflict.resolved && !isOwn ? turn(conflict.resolved) : conflict.resolved
  return {
    ...{ id, designId, path, base, createdAt, dismissed },
    mine: isOwn ? conflict.mine : conflict.theirs,
    theirs: isOwn ? conflict.theirs : conflict.mine,
    kept: isOwn ? conflict.kept : turn(conflict.kept),
    otherDevice: (isOwn ? conflict.other_name : conflict.device_name) ?? '',
    ...(resolved && { resolved }),
    resolvedBy: conflict.resolved_by ?? '',
  }
}

/**
 * Whether this phone has sent the change of a conflict. One that concerned the phone before it took its present device id may be
 * delivered after that: the newest of its ids among the devices concerned is then the one that it had.
 */
function isSender({ device, devices, own }: StoredConflict & Pick<KeptConflict, 'own'>, meta: SyncMeta | undefined): boolean {
  if (own !== undefined) return own
  const present = meta?.deviceId ?? meta?.clientId
  const ids = [...(meta?.formerDeviceIds ?? []), present]
  return device === (ids.findLast((id) => id !== undefined && devices?.includes(id)) ?? present)
}

/** Before this phone takes another device id: note which of the stored conflicts it has sent itself. */
export async function noteOwnConflicts(tx: Transaction, meta: SyncMeta): Promise<void> {
  const conflicts = tx.objectStore('conflicts')
  for (const kept of await conflicts.getAll()) await conflicts.put({ ...kept, own: isSender(kept, meta) })
}

/**
 * Note what the person chose for a conflict, to be sent with the next call that has its design as it is here. The chosen value
 * itself is an ordinary edit and has to be stored first. Where another device has chosen before, only the notice is closed.
 */
export async function queueResolution(id: string, choice: Resolution['choice']): Promise<void> {
  const designId = await withDatabase(async (db) => {
    const tx = db.transaction(['conflicts', 'meta'], 'readwrite', { durability: 'strict' })
    const conflict = await tx.objectStore('conflicts').get(id)
    const meta = await tx.objectStore('meta').get('sync')
    if (conflict) {
      const chosen = isSender(conflict, meta) ? choice : turn(choice)
      const decided = conflict.resolved ? {} : { choice: chosen, resolved: chosen }
      await tx.objectStore('conflicts').put({ ...conflict, ...decided, dismissed: true })
    }
    await tx.done
    return conflict?.design_id
  })
  if (designId === undefined) return
  storageWorks()
  announce({ store: 'designs', ids: [designId], local: true })
}

/** Close the notices about a design; its conflicts stay in the list of its versions. */
export async function dismissConflicts(designId: string): Promise<void> {
  await withDatabase(async (db) => {
    const tx = db.transaction(['designs', 'conflicts'], 'readwrite')
    const row = await tx.objectStore('designs').get(designId)
    if (row) await tx.objectStore('designs').put(indexed({ ...row, conflicts: [] }))
    const conflicts = tx.objectStore('conflicts')
    for (const conflict of await conflicts.index('design_id').getAll(designId)) {
      if (!conflict.dismissed) await conflicts.put({ ...conflict, dismissed: true })
    }
    await tx.done
  })
  announce({ store: 'designs', ids: [designId], local: false })
}

type Transaction = IDBPTransaction<Schema, ('designs' | 'commands' | 'meta' | 'conflicts')[], 'readwrite'>

/** What fits into one call, and whether the next one has more of it. */
interface SentConflicts {
  sent: Required<Pick<SyncRequest, 'acknowledged' | 'resolved' | 'conflicts' | 'for_others'>>
  more: boolean
}

/**
 * What a call says about conflicts: those that are stored here, and the choices of the person. A choice waits until the call
 * brings the design as it is here (`isUpToDate`), so that nobody hears of a choice whose value is not there.
 */
export async function conflictsToSend(
  tx: Transaction,
  isUpToDate: (designId: string) => Promise<boolean>,
): Promise<SentConflicts> {
  const acknowledged: string[] = []
  const reported: KeptConflict[] = []
  const resolved: Resolution[] = []
  for (const kept of await tx.objectStore('conflicts').getAll()) {
    const { id, acknowledged: isKnown, choice, design_id } = kept
    if (kept.report) reported.push(kept)
    if (!isKnown) acknowledged.push(id)
    if (choice && (await isUpToDate(design_id))) resolved.push({ id, choice })
  }
  const fitting = reported.slice(0, MAX_REPORTED)
  const sent = {
    ...{ acknowledged: acknowledged.slice(0, MAX_SENT), resolved: resolved.slice(0, MAX_SENT) },
    conflicts: fitting.filter(({ forOthers }) => !forOthers).map(asDelivered),
    for_others: fitting.filter(({ forOthers }) => forOthers).map(asDelivered),
  }
  return { sent, more: reported.length > MAX_REPORTED || Math.max(acknowledged.length, resolved.length) > MAX_SENT }
}

/** A conflict without what this phone notes about it; a choice that is not sent yet is no part of it. */
function asDelivered(kept: KeptConflict): StoredConflict {
  const { order: _, acknowledged: __, dismissed: ___, report: ____, own: _____, forOthers: ______, choice, ...conflict } = kept
  return choice ? { ...conflict, resolved: null } : conflict
}

/** The server was put back from a copy: note that it may have lost the conflicts that are here. Returns whether there are any. */
export async function reportConflicts(tx: Transaction): Promise<boolean> {
  const conflicts = tx.objectStore('conflicts')
  const all = await conflicts.getAll()
  for (const kept of all) await conflicts.put({ ...kept, report: true })
  return all.length > 0
}

/** Store the conflicts of a response, and that the server has what the request said; returns the ids of their designs. */
export async function applyConflicts(tx: Transaction, request: SyncRequest, response: SyncResponse): Promise<string[]> {
  const conflicts = tx.objectStore('conflicts')
  const delivered = response.conflicts ?? [] // servers of older versions store none
  const news = new Set(delivered.map(({ id }) => id))
  for (const { id } of [...(request.conflicts ?? []), ...(request.for_others ?? [])]) {
    const kept = await conflicts.get(id)
    if (kept) await conflicts.put({ ...kept, report: false })
  }
  for (const id of request.acknowledged ?? []) {
    const kept = await conflicts.get(id)
    if (kept && !news.has(id)) await conflicts.put({ ...kept, acknowledged: true })
  }
  // the server did not store a choice whose value it does not have: both are sent again
  const refused = new Set([...response.rejected, ...response.designs.filter((one) => one.forked)].map((one) => one.id))
  for (const { id, choice } of request.resolved ?? []) {
    const kept = await conflicts.get(id)
    if (kept?.choice !== choice || refused.has(kept.design_id)) continue
    const { choice: _, ...sent } = kept
    await conflicts.put(sent)
  }
  const meta = await tx.objectStore('meta').get('sync')
  const forOthers = response.for_others ?? [] // servers of older versions send none
  let order = await highestOrder(tx, delivered.length + forOthers.length > 0)
  for (const conflict of forOthers) {
    order += 1
    const kept = await conflicts.get(conflict.id)
    if (!kept || kept.forOthers) await conflicts.put({ ...conflict, order, acknowledged: true, dismissed: true, forOthers: true })
  }
  for (const conflict of delivered) {
    order += 1
    await conflicts.put(delivery(await conflicts.get(conflict.id), conflict, { order, meta }))
  }
  if (delivered.length + forOthers.length > 0) await deleteClosed(tx)
  return [...new Set(delivered.map(({ design_id }) => design_id))]
}

async function highestOrder(tx: Transaction, isNeeded: boolean): Promise<number> {
  if (!isNeeded) return 0
  return (await tx.objectStore('conflicts').getAll()).reduce((highest, { order }) => Math.max(highest, order), 0)
}

/** A delivered conflict, over what is known of it here: a choice that is not sent yet stays, unless another device was first. */
function delivery(
  kept: KeptConflict | undefined,
  conflict: StoredConflict,
  { order, meta }: { order: number; meta: SyncMeta | undefined },
): KeptConflict {
  if (!kept || kept.forOthers) return { ...conflict, own: isSender(conflict, meta), order, acknowledged: false, dismissed: false }
  if (!conflict.resolved) return { ...kept, acknowledged: false }
  const isNews = kept.resolved !== conflict.resolved
  const own = kept.own === undefined ? {} : { own: kept.own }
  return { ...conflict, ...own, order: isNews ? order : kept.order, acknowledged: false, dismissed: kept.dismissed && !isNews }
}

async function deleteClosed(tx: Transaction): Promise<void> {
  const conflicts = tx.objectStore('conflicts')
  const closed = (await conflicts.getAll())
    .filter((one) => one.acknowledged && one.dismissed && !one.choice)
    .sort((a, b) => b.order - a.order)
  for (const { id } of closed.slice(MAX_CLOSED)) await conflicts.delete(id)
}
