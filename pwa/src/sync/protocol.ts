/** The one call of sync: how it is posted, and how a response of a Model Studio server is recognised. */
import { fetchJson, noResponse } from '../api/fetch_json'
import type { SyncRequest, SyncResponse } from '../generated/wire'
import { markAsSent } from '../storage/sent_commands'

/** Posts one request, and marks its commands as sent first; throws `ApiProblem`. Tests replace it with a server in memory. */
export type Post = (request: SyncRequest) => Promise<SyncResponse>

export const postSync: Post = async (request) => {
  const commands = request.commands ?? []
  const sent = await markAsSent(commands.map(({ id }) => id))
  const json = { ...request, commands: commands.filter(({ id }) => sent.has(id)) }
  const response = await fetchJson<unknown>('/api/sync', { method: 'POST', json })
  if (isSyncResponse(response)) return response
  // a captive portal, or another program at this address, may answer with JSON of its own
  throw noResponse('foreign')
}

function isSyncResponse(value: unknown): value is SyncResponse {
  if (typeof value !== 'object' || value === null) return false
  const { epoch, cursor, designs, commands, rejected } = value as Partial<SyncResponse>
  return typeof epoch === 'string' && typeof cursor === 'number' && [designs, commands, rejected].every(Array.isArray)
}
