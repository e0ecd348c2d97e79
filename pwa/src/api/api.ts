/** The REST calls of the app, except for sync, which has its own in `sync/protocol.ts`. */
import type { LiveMessage, Machine, ModelArchitecture, Run, RunLabels, ValidationResult } from '../generated/wire'
import { callServer, fetchJson, fetchJsonAndHeaders } from './fetch_json'
import { ApiProblem } from './problem'

export { ApiProblem } from './problem'

const path = (...parts: string[]): string => `/api/${parts.map(encodeURIComponent).join('/')}`

export function listRuns(): Promise<Run[]> {
  return fetchJson(path('runs'))
}

/** The server's hardware, and how fast it trains once that was measured. */
export function readMachine(): Promise<Machine> {
  return fetchJson(path('machine'))
}

async function controlRun(runId: string, action: 'stop' | 'pause' | 'resume'): Promise<void> {
  await callServer(path('runs', runId, action), { method: 'POST' })
}

export const stopRun = (runId: string): Promise<void> => controlRun(runId, 'stop')
export const pauseRun = (runId: string): Promise<void> => controlRun(runId, 'pause')
export const resumeRun = (runId: string): Promise<void> => controlRun(runId, 'resume')

/** Change what a person wrote about a run. */
export async function labelRun(runId: string, labels: RunLabels): Promise<void> {
  await callServer(path('runs', runId), { method: 'PATCH', json: labels })
}

/** Delete a run with its files; nothing happens where there is none. Throws `ApiProblem`: 409 while the run is active. */
export async function deleteRun(runId: string): Promise<void> {
  try {
    await callServer(path('runs', runId), { method: 'DELETE' })
  } catch (error) {
    if (!isGone(error)) throw error
  }
}

/** Whether the server itself answered 404, and not a proxy or another server at the same address. */
export const isGone = (error: unknown): boolean => error instanceof ApiProblem && error.status === 404 && error.fromServer

/** The numbered messages of a run after `after`. */
export function runMessages(runId: string, after = 0, signal?: AbortSignal): Promise<LiveMessage[]> {
  return fetchJson(`${path('runs', runId, 'metrics')}?after=${after}`, { signal })
}

/** Messages of a run, and the number from which on the server has every message; older charts are thinned. */
export interface MessagePage {
  messages: LiveMessage[]
  firstSeq: number
}

/** As `runMessages`, with the headers about removed messages. */
export async function runMessagePage(runId: string, after: number): Promise<MessagePage> {
  const [messages, headers] = await fetchJsonAndHeaders<LiveMessage[]>(`${path('runs', runId, 'metrics')}?after=${after}`)
  return { messages, firstSeq: Number(headers.get('x-first-seq')) || 0 }
}

/** Validate a design on the server, for a phone whose Python did not start; the result comes with 200 and with 422. */
export async function validateOnServer(design: ModelArchitecture, signal?: AbortSignal): Promise<ValidationResult> {
  const response = await fetch(path('designs', design.id, 'validate'), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(design),
    signal,
  })
  const body: unknown = await response.json()
  if (isValidationResult(body)) return body
  throw new ApiProblem({ title: 'Not checked', detail: '', ...(body as object), status: response.status })
}

function isValidationResult(value: unknown): value is ValidationResult {
  return typeof value === 'object' && value !== null && 'valid' in value && 'parameters' in value
}
