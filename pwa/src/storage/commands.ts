/** What was asked of the server, perhaps offline: it waits here, is sent with the next sync and runs once. */
import { announce, onChange } from './changes'
import { type CommandKind, type StoredCommand, storageWorks, withDatabase } from './database'
import { randomId } from './random_id'

export type { CommandKind, StoredCommand } from './database'

/**
 * Ask for a compile or a training run of a design as it is when the server gets it; returns the id of the command.
 * Of those of its kind that are over, the newest stays, to be shown again if this one is taken back.
 */
export async function enqueueCommand(kind: CommandKind, designId: string, config: Record<string, unknown> = {}): Promise<string> {
  const id = randomId('k')
  await withDatabase(async (db) => {
    const tx = db.transaction('commands', 'readwrite', { durability: 'strict' })
    const over = (await tx.store.getAll()).filter((old) => old.kind === kind && old.designId === designId && !isOpen(old))
    for (const old of over.sort(newestFirst).slice(1)) await tx.store.delete(old.id)
    await tx.store.put({ id, kind, designId, config, status: 'waiting', createdAt: new Date().toISOString() })
    await tx.done
  })
  storageWorks()
  announce({ store: 'commands', ids: [id], local: true })
  return id
}

/** Whether the server still has to do something about it. */
export const isOpen = ({ status }: StoredCommand): boolean => status === 'waiting' || status === 'running'

const newestFirst = (a: StoredCommand, b: StoredCommand): number => (a.createdAt < b.createdAt ? 1 : -1)

/** How a command stands; undefined once newer ones of its kind have replaced it. */
export function commandState(id: string): Promise<StoredCommand | undefined> {
  return withDatabase((db) => db.get('commands', id))
}

/** The newest command of a kind for a design. */
export async function latestCommand(kind: CommandKind, designId: string): Promise<StoredCommand | undefined> {
  const all = await withDatabase((db) => db.getAll('commands'))
  const mine = all.filter((command) => command.kind === kind && command.designId === designId)
  return mine.sort(newestFirst)[0]
}

/** Take back a command that has not been sent. */
export async function cancelCommand(id: string): Promise<void> {
  await withDatabase(async (db) => {
    const tx = db.transaction('commands', 'readwrite')
    const command = await tx.store.get(id)
    if (command?.status === 'waiting') await tx.store.delete(id)
    await tx.done
  })
  announce({ store: 'commands', ids: [id], local: false })
}

/** Hear which commands changed, also by sync and the service worker; returns how to stop. */
export function onCommandsChanged(cb: (ids: string[]) => void): () => void {
  return onChange((change) => {
    if (change.store === 'commands') cb(change.ids)
  })
}
