/** The calls about exported networks: what there is of a design, and one file. */
import type { ExportList } from '../generated/wire'
import { callServer, fetchJson } from './fetch_json'

const folder = (designId: string): string => `/api/designs/${encodeURIComponent(designId)}`

/** a file may have to be written first, after those that others wait for */
const FILE_MS = 900_000

/** Every run of a design of which something can be exported, with its checkpoints and files. */
export function readExports(designId: string): Promise<ExportList> {
  return fetchJson(`${folder(designId)}/exports`)
}

export interface WantedFile {
  designId: string
  fmt: string
  runId: string
  /** `best`, `last` or a number of moves */
  checkpoint: string
  /** the ONNX with the outputs for looking inside */
  inspect?: boolean
  /** after everything that persons wait for */
  background?: boolean
}

/** The response with one file of a trained network; throws `ApiProblem`: 404 where it is gone, 409 where there is no such file. */
export function callExport(
  { designId, fmt, runId, checkpoint, inspect, background }: WantedFile,
  signal?: AbortSignal,
): Promise<Response> {
  const query = new URLSearchParams({ fmt, run_id: runId, checkpoint })
  if (inspect) query.set('inspect', 'true')
  if (background) query.set('background', 'true')
  return callServer(`${folder(designId)}/export?${query}`, { timeoutMs: FILE_MS, ...(signal && { signal }) })
}
