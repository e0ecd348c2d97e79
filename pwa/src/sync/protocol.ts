/** The one call of sync: how it is posted, and how a response of a Model Studio server is recognised. */
import { fetchJson } from '../api/fetch_json'
import { ApiProblem } from '../api/problem'
import type { SyncRequest, SyncResponse } from '../generated/wire'

/** Posts one request; throws `ApiProblem`. Tests replace it with a server in memory. */
export type Post = (request: SyncRequest) => Promise<SyncResponse>

export const postSync: Post = async (request) => {
  const response = await fetchJson<unknown>('/api/sync', { method: 'POST', json: request })
  if (isSyncResponse(response)) return response
  // a captive portal, or another program at this address, may answer with JSON of its own
  throw new ApiProblem({ status: 0, title: 'Something else answered', detail: 'This is not an answer of a Model Studio server.' })
}

function isSyncResponse(value: unknown): value is SyncResponse {
  if (typeof value !== 'object' || value === null) return false
  const { epoch, cursor, designs, commands, rejected } = value as Partial<SyncResponse>
  return typeof epoch === 'string' && typeof cursor === 'number' && [designs, commands, rejected].every(Array.isArray)
}
