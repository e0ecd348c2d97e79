/** Downloads a trained network as a file that the server writes, with progress, and checks that it arrived whole. */

import type { ModelArchitecture } from '../generated/wire'
import { sha256, sha256InHeader } from '../lib/sha256'
import { Silence } from '../lib/silence'
import { callExport, type WantedFile } from './exports'
import { fetchJson, noResponse, REQUEST_ID } from './fetch_json'

export type ExportRequest = Pick<WantedFile, 'designId' | 'fmt' | 'runId' | 'checkpoint'>

/** Which network a file has, by the headers of the response. */
export interface Exported {
  /** `best`, `last` or a number of moves; undefined from older servers */
  checkpoint: string | undefined
  /** the moves after which its checkpoint was saved */
  steps: number | undefined
  /** a sentence, where it is another network than the requested one */
  note: string | undefined
}

export interface ExportedFile {
  file: File
  exported: Exported
  /** as in the log of the server; undefined for a file that the phone had */
  requestId?: string | undefined
}

interface FetchOptions {
  signal?: AbortSignal
  /** called with the bytes received and, where the server said so, all there are */
  onProgress?: (done: number, total: number | null) => void
}

/**
 * Have a network written as a file and download it. Throws `ApiProblem`: 404 deleted, 409 nothing trained or damaged; status 0
 * where the answer broke off or nothing arrived for a minute; `DamagedFile` where the bytes are not those that the server sent.
 */
export async function fetchExport(request: ExportRequest, { signal, onProgress }: FetchOptions = {}): Promise<ExportedFile> {
  const silence = new Silence(signal)
  try {
    const { designId, fmt } = request
    const response = await callExport(request, silence.signal)
    if (/^text\/html\b/.test(response.headers.get('content-type') ?? '')) throw noResponse('portal')
    const bytes = await bytesOf(response, silence, onProgress)
    await checkDigest(bytes, response.headers.get('repr-digest'))
    const name = fileNameIn(response.headers.get('content-disposition') ?? '') ?? `${designId}.${fmt}`
    const type = response.headers.get('content-type') ?? 'application/octet-stream'
    const requestId = response.headers.get(REQUEST_ID) ?? undefined
    return { file: new File([bytes], name, { type }), exported: exportedOf(response.headers), requestId }
  } catch (error) {
    throw silence.isOver ? noResponse('timeout', error) : error
  } finally {
    silence.end()
  }
}

async function bytesOf(
  response: Response,
  silence: Silence,
  onProgress: FetchOptions['onProgress'],
): Promise<Uint8Array<ArrayBuffer>> {
  const length = Number(response.headers.get('content-length') ?? 0)
  // a compressed body is longer than the header says
  const total = length > 0 && !response.headers.get('content-encoding') ? length : null
  const parts: Uint8Array<ArrayBuffer>[] = []
  let done = 0
  silence.heard()
  onProgress?.(0, total)
  const reader = response.body?.getReader()
  try {
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
      parts.push(part.value)
      done += part.value.length
      silence.heard()
      onProgress?.(done, total)
    }
  } catch (error) {
    if (silence.signal.aborted) throw error
    throw noResponse('broken', error)
  }
  if (total !== null && done !== total) throw noResponse('broken')
  const bytes = new Uint8Array(done)
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

/** The bytes are not those that the server sent. */
export class DamagedFile extends Error {}

/** Compare with a `Repr-Digest` header (RFC 9530), where there is one. */
async function checkDigest(bytes: Uint8Array<ArrayBuffer>, header: string | null): Promise<void> {
  const wanted = sha256InHeader(header)
  if (wanted !== null && (await sha256(bytes.buffer)) !== wanted) throw new DamagedFile('the digest differs')
}

/** The file name of a `Content-Disposition` header: the one with all letters (RFC 8187) before the one in ASCII. */
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

/** The design that a run trains, as it was when the run began. Throws `ApiProblem` (404). */
export function designOfRun(runId: string): Promise<ModelArchitecture> {
  return fetchJson(`/api/runs/${encodeURIComponent(runId)}/design`)
}
