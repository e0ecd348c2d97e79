/** The REST calls of the app, typed by the generated wire types; sync has its own call in `sync/`. */
import type { LiveMessage, Machine, ModelArchitecture, Run, ValidationResult } from '../generated/wire'
import { ask, fetchJson } from './fetch_json'
import { ApiProblem } from './problem'

export { ApiProblem } from './problem'

const path = (...parts: string[]): string => `/api/${parts.map(encodeURIComponent).join('/')}`

export function listRuns(): Promise<Run[]> {
  return fetchJson(path('runs'))
}

/** What the server has, and how fast it proved to be. */
export function readMachine(): Promise<Machine> {
  return fetchJson(path('machine'))
}

async function tellRun(runId: string, what: 'stop' | 'pause' | 'resume'): Promise<void> {
  await ask(path('runs', runId, what), { method: 'POST' })
}

export const stopRun = (runId: string): Promise<void> => tellRun(runId, 'stop')
export const pauseRun = (runId: string): Promise<void> => tellRun(runId, 'pause')
export const resumeRun = (runId: string): Promise<void> => tellRun(runId, 'resume')

/** Delete a run with its files; one that is gone already is done; throws `ApiProblem`, 409 while it is active. */
export async function deleteRun(runId: string): Promise<void> {
  try {
    await ask(path('runs', runId), { method: 'DELETE' })
  } catch (error) {
    if (!isGone(error)) throw error
  }
}

/** Whether the server itself said that there is no such thing. */
export const isGone = (error: unknown): boolean => error instanceof ApiProblem && error.status === 404 && error.fromServer

/** The numbered messages of a run after `after`. */
export function runMessages(runId: string, after = 0, signal?: AbortSignal): Promise<LiveMessage[]> {
  return fetchJson(`${path('runs', runId, 'metrics')}?after=${after}`, { signal })
}

/** The server's verdict on a drawing, for a phone whose Python did not start; the verdict comes with 200 and with 422. */
export async function validateOnServer(design: ModelArchitecture, signal?: AbortSignal): Promise<ValidationResult> {
  const answer = await fetch(path('designs', design.id, 'validate'), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(design),
    signal,
  })
  const said: unknown = await answer.json()
  if (isVerdict(said)) return said
  throw new ApiProblem({ title: 'Not checked', detail: '', ...(said as object), status: answer.status })
}

function isVerdict(said: unknown): said is ValidationResult {
  return typeof said === 'object' && said !== null && 'valid' in said && 'parameters' in said
}

/** Which network a downloaded file holds, as far as the server said. */
export interface Exported {
  /** `best`, `last` or a number of moves; undefined from older servers */
  checkpoint: string | undefined
  /** the moves after which it was kept */
  steps: number | undefined
  /** a sentence, where it is not the network that was asked for */
  note: string | undefined
}

/** Download a trained network as a file; throws `ApiProblem` (409 when nothing has been trained). */
export async function exportFile(designId: string, fmt: string, runId?: string): Promise<Exported> {
  const query = new URLSearchParams({ fmt, ...(runId ? { run_id: runId } : {}) })
  const answer = await ask(`${path('designs', designId, 'export')}?${query}`, { timeoutMs: 300_000 })
  const name = fileNameIn(answer.headers.get('content-disposition') ?? '')
  saveAs(await answer.blob(), name ?? `${designId}.${fmt}`)
  return exportedOf(answer.headers)
}

/** The name in a `Content-Disposition`: the full one (RFC 8187) before the one in ASCII. */
export function fileNameIn(header: string): string | undefined {
  const full = /filename\*=UTF-8''([^;]+)/i.exec(header)?.[1]
  return full ? decodeURIComponent(full) : /filename="([^"]+)"/i.exec(header)?.[1]
}

function exportedOf(headers: Headers): Exported {
  const steps = headers.get('x-export-steps')
  return {
    checkpoint: headers.get('x-export-checkpoint') || undefined,
    steps: steps && Number.isFinite(Number(steps)) ? Number(steps) : undefined,
    note: headers.get('x-export-note') || undefined,
  }
}

function saveAs(content: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(content)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
