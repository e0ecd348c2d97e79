/** Which commands a call has carried: from then on the server may have them, so they can no longer be taken back. */
import { announce } from './changes'
import { withDatabase } from './database'

/** Whether one of these commands was not carried by any call yet. */
export async function anyUnsent(ids: readonly string[]): Promise<boolean> {
  if (ids.length === 0) return false
  const commands = await withDatabase((db) => Promise.all(ids.map((id) => db.get('commands', id))))
  return commands.some((command) => command?.sent === false)
}

/**
 * Mark commands as sent, before the call that carries them. Resolves with the ids that the call may carry: one that the person
 * took back meanwhile is not among them.
 */
export async function markAsSent(ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set()
  const there = new Set<string>()
  const marked: string[] = []
  await withDatabase(async (db) => {
    const tx = db.transaction('commands', 'readwrite', { durability: 'strict' })
    for (const id of ids) {
      const command = await tx.store.get(id)
      if (!command) continue
      there.add(id)
      if (command.sent) continue
      await tx.store.put({ ...command, sent: true, sentAt: Date.now() })
      marked.push(id)
    }
    await tx.done
  })
  if (marked.length > 0) announce({ store: 'commands', ids: marked, local: false })
  return there
}
