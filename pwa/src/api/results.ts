/** Runs to compare, and the leaderboard, on the server. */
import type { Leaderboard, LiveMessage, ModelArchitecture, Run } from '../generated/wire'
import { fetchJson } from './fetch_json'

const path = (...parts: string[]): string => `/api/${parts.map(encodeURIComponent).join('/')}`

/** the most messages that the server gives at once */
const PAGE = 50_000

/** One run; throws `ApiProblem` (404 where it was deleted). */
export function readRun(runId: string): Promise<Run> {
  return fetchJson(path('runs', runId))
}

/** The design as it was when the run began; throws `ApiProblem` (404 where it can no longer be read). */
export function designOfRun(runId: string): Promise<ModelArchitecture> {
  return fetchJson(path('runs', runId, 'design'))
}

/** All messages of a run after `after`, however many there are. */
export async function allMessages(runId: string, after = 0): Promise<LiveMessage[]> {
  const messages: LiveMessage[] = []
  let last = after
  for (;;) {
    const page = await fetchJson<LiveMessage[]>(`${path('runs', runId, 'metrics')}?after=${last}&limit=${PAGE}`)
    messages.push(...page)
    if (page.length < PAGE) return messages
    last = page.at(-1)?.seq ?? last
  }
}

/** The designs by the score of their best run within a budget; networks of any size where `maxParameters` is null. */
export function readLeaderboard(minutes: number, maxParameters: number | null, signal?: AbortSignal): Promise<Leaderboard> {
  const query = new URLSearchParams({ processor_minutes: String(minutes) })
  if (maxParameters !== null) query.set('max_parameters', String(maxParameters))
  return fetchJson(`${path('leaderboard')}?${query}`, { signal })
}
