/** Commands for the server (compile, train), also given offline: each waits here, is sent with the next sync and runs once. */
import { announce, onChange } from './changes'
import { type CommandKind, freshMeta, type StoredCommand, storageWorks, withDatabase } from './database'
import { randomId } from './random_id'

export type { CommandKind, StoredCommand } from './database'

/**
 * Queue a compile or a training run of a design, as it is when the server gets it, or more moves for the run that `continues`
 * names; returns the id of the command. Of the ended commands of its kind only the newest stays, which is shown again if this one is cancelled.
 */
export async function enqueueCommand(
  kind: CommandKind,
  designId: string,
  config: Record<string, unknown> = {},
  continues?: string,
): Promise<string> {
  const id = randomId('k')
  await withDatabase(async (db) => {
    const tx = db.transaction(['commands', 'meta'], 'readwrite', { durability: 'strict' })
    const commands = tx.objectStore('commands')
    const ended = (await commands.getAll()).filter((old) => old.kind === kind && old.designId === designId && !isOpen(old))
    for (const old of ended.sort(newestFirst).slice(1)) await commands.delete(old.id)
    const meta = (await tx.objectStore('meta').get('sync')) ?? freshMeta(randomId('c'))
    const order = meta.lastChange + 1
    await tx.objectStore('meta').put({ ...meta, lastChange: order }, 'sync')
    const what = { id, kind, designId, config, ...(continues !== undefined && { continues }) }
    await commands.put({ ...what, status: 'waiting', sent: false, createdAt: new Date().toISOString(), order })
    await tx.done
  })
  storageWorks()
  announce({ store: 'commands', ids: [id], local: true })
  return id
}

/** Whether the server has not ended it yet. */
export const isOpen = ({ status }: StoredCommand): boolean => status === 'waiting' || status === 'running'

/** Newest first by a number that grows, since clocks are put back; commands of older versions of the app have only a time. */
function newestFirst(a: StoredCommand, b: StoredCommand): number {
  if (a.order !== b.order) return (b.order ?? 0) - (a.order ?? 0)
  return a.createdAt < b.createdAt ? 1 : -1
}

/** A command by its id; undefined once newer ones of its kind have replaced it. */
export function commandState(id: string): Promise<StoredCommand | undefined> {
  return withDatabase((db) => db.get('commands', id))
}

/** The newest command of a kind for a design. */
export async function latestCommand(kind: CommandKind, designId: string): Promise<StoredCommand | undefined> {
  const all = await withDatabase((db) => db.getAll('commands'))
  const matching = all.filter((command) => command.kind === kind && command.designId === designId)
  return matching.sort(newestFirst)[0]
}

/** Whether a command can be taken back: no call has carried it, so the server certainly does not have it. */
export const canCancel = ({ status, sent }: StoredCommand): boolean => status === 'waiting' && sent === false

/** Take back a command that no call has carried; resolves with whether it was. */
export async function cancelCommand(id: string): Promise<boolean> {
  const cancelled = await withDatabase(async (db) => {
    const tx = db.transaction('commands', 'readwrite')
    const command = await tx.store.get(id)
    const mayGo = command !== undefined && canCancel(command)
    if (mayGo) await tx.store.delete(id)
    await tx.done
    return mayGo
  })
  announce({ store: 'commands', ids: [id], local: false })
  return cancelled
}

/** Call `listener` with the ids of changed commands, also those changed by sync and the service worker; returns how to stop. */
export function onCommandsChanged(listener: (ids: string[]) => void): () => void {
  return onChange((change) => {
    if (change.store === 'commands') listener(change.ids)
  })
}
