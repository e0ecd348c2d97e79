/** The one call of sync: how it is posted and what counts as an answer. */
import { fetchJson } from '../api/fetch_json'
import { ApiProblem } from '../api/problem'
import type { SyncRequest, SyncResponse } from '../generated/wire'

export type Post = (request: SyncRequest) => Promise<SyncResponse>

export const postSync: Post = async (request) => {
  const answer = await fetchJson<unknown>('/api/sync', { method: 'POST', json: request })
  if (isAnswer(answer)) return answer
  throw new ApiProblem({ status: 0, title: 'Something else answered', detail: 'This is not an answer of a Model Studio server.' })
}

function isAnswer(said: unknown): said is SyncResponse {
  if (typeof said !== 'object' || said === null) return false
  const { epoch, cursor, designs, commands, rejected } = said as Partial<SyncResponse>
  return typeof epoch === 'string' && typeof cursor === 'number' && [designs, commands, rejected].every(Array.isArray)
}
