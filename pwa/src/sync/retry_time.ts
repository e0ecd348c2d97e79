/** Until when the server asked not to be called again, stored so that other tabs and the service worker wait too. */
import { ApiProblem } from '../api/problem'
import { withDatabase } from '../storage/database'

/** the longest wait that a server may ask for: a wrong clock must not stop sync */
const MAX_WAIT_MS = 600_000

/** The response that asked to wait, with the time that is left; undefined where the server may be called. */
export async function requestedWait(): Promise<ApiProblem | undefined> {
  const meta = await withDatabase((db) => db.get('meta', 'sync'))
  const { at = 0, status = 0 } = meta?.retryAfter ?? {}
  const retryAfterMs = Math.min(at - Date.now(), MAX_WAIT_MS)
  return retryAfterMs > 0
    ? new ApiProblem({ title: 'The server asked to wait', status, detail: '' }, { retryAfterMs })
    : undefined
}

/** Store the wait that a failed call asks for; resolves with it, and with 0 where it asks for none. */
export async function storeWait(error: unknown): Promise<number> {
  if (!(error instanceof ApiProblem) || error.retryAfterMs <= 0) return 0
  const waitMs = Math.min(error.retryAfterMs, MAX_WAIT_MS)
  await writeWait({ at: Date.now() + waitMs, status: error.status })
  return waitMs
}

/** Remove the wait: a call succeeded, or the person asks for one. */
export const clearWait = (): Promise<void> => writeWait(undefined)

async function writeWait(retryAfter: { at: number; status: number } | undefined): Promise<void> {
  await withDatabase(async (db) => {
    const tx = db.transaction('meta', 'readwrite')
    const meta = await tx.store.get('sync')
    if (meta && (meta.retryAfter || retryAfter)) {
      const { retryAfter: _, ...rest } = meta
      await tx.store.put(retryAfter ? { ...rest, retryAfter } : rest, 'sync')
    }
    await tx.done
  })
}
