/** The calls of sweeps. */

import { callServer, fetchJson } from '../api/fetch_json'
import type { ModelArchitecture, Run, Sweep, SweepRequest } from '../generated/wire'

const path = (...parts: string[]): string => `/api/${parts.map(encodeURIComponent).join('/')}`

/** Every sweep of the server, the newest first. */
export const listSweeps = (): Promise<Sweep[]> => fetchJson(path('sweeps'))

/** Start a sweep; a repeat with the same id returns the one that was started. Throws `ApiProblem`. */
export const startSweep = (id: string, request: SweepRequest): Promise<Sweep> =>
  fetchJson(path('sweeps'), { method: 'POST', json: request, headers: { 'idempotency-key': id } })

/** End a sweep with its runs. */
export async function stopSweep(id: string): Promise<void> {
  await callServer(path('sweeps', id, 'stop'), { method: 'POST' })
}

/** The version of the design that a run trains. */
export const designOfRun = (runId: string): Promise<ModelArchitecture> => fetchJson(path('runs', runId, 'design'))

/** A run with its settings. */
export const readRun = (runId: string): Promise<Run> => fetchJson(path('runs', runId))
