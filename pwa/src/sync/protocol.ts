/** The one call of sync: how it is posted, and how a response of a Model Studio server is recognised. */
import { fetchJson, fetchJsonAndHeaders, noResponse, REQUEST_ID } from '../api/fetch_json'
import type { SyncRequest, SyncResponse } from '../generated/wire'
import { anyUnsent, markAsSent } from '../storage/sent_commands'

const HEALTH_TIMEOUT_MS = 10_000

/** Resolves where the server answers; throws `ApiProblem`. */
export async function askHealth(): Promise<void> {
  await fetchJson('/api/health', { timeoutMs: HEALTH_TIMEOUT_MS })
}

/** A response, with the id under which the log of the server has the call. */
export type Answered = SyncResponse & { requestId?: string }

/** Posts one request, and marks its commands as sent first; throws `ApiProblem`. Tests replace it with a server in memory. */
export type Post = (request: SyncRequest) => Promise<Answered>

export const postSync: Post = async (request) => {
  const ids = (request.commands ?? []).map(({ id }) => id)
  // if the server does not answer now, a command has certainly not reached it; after a call that fails nobody knows
  if (await anyUnsent(ids)) await askHealth()
  const sent = await markAsSent(ids)
  const json = { ...request, commands: request.commands?.filter(({ id }) => sent.has(id)) }
  const [response, headers] = await fetchJsonAndHeaders<unknown>('/api/sync', { method: 'POST', json })
  const requestId = headers.get(REQUEST_ID)
  if (isSyncResponse(response)) return { ...response, ...(requestId && { requestId }) }
  // a captive portal, or another program at this address, may answer with JSON of its own
  throw noResponse('foreign')
}

function isSyncResponse(value: unknown): value is SyncResponse {
  if (typeof value !== 'object' || value === null) return false
  const { epoch, cursor, designs, commands, rejected } = value as Partial<SyncResponse>
  return typeof epoch === 'string' && typeof cursor === 'number' && [designs, commands, rejected].every(Array.isArray)
}
