/** Downloads one ONNX of a network and checks it by its hash; a damaged file is fetched once more. */

import { callExport } from '../api/exports'
import { noResponse } from '../api/fetch_json'
import { ApiProblem } from '../api/problem'
import { sha256, sha256InHeader } from '../lib/sha256'
import { Silence } from '../lib/silence'
import type { FileKind } from './files'
import { NetworkProblem } from './problem'

export interface Wanted {
  designId: string
  runId: string
  /** `best`, `last` or a number of moves */
  checkpoint: string
  steps: number
  kind: FileKind
  /** of the list of exports; the hash in the response counts more, since the list may be older */
  sha256: string | null
  background: boolean
  /** a larger file is given up as soon as that is known */
  maxBytes: number
}

export interface Downloaded {
  bytes: ArrayBuffer
  sha256: string
}

/** Called with the bytes that have arrived and those of the whole file, which is an estimate where the server does not tell it. */
export type OnBytes = (done: number, total: number | undefined) => void

/**
 * Download a file; throws `NetworkProblem` (damaged, other-network, too-large) and `ApiProblem`, also where nothing arrived for a
 * minute. Where another network has become the best or the last meanwhile, the wanted one is asked for by its number of moves.
 */
export async function download(wanted: Wanted, onBytes: OnBytes, signal: AbortSignal): Promise<Downloaded> {
  try {
    return await downloadOnce(wanted, onBytes, signal)
  } catch (error) {
    const again = signal.aborted ? null : secondTry(wanted, error)
    if (!again) throw error
    return downloadOnce(again, onBytes, signal)
  }
}

function secondTry(wanted: Wanted, error: unknown): Wanted | null {
  if (error instanceof ApiProblem) return error.kind === 'broken' ? wanted : null
  if (!(error instanceof NetworkProblem)) return null
  const checkpoint = String(wanted.steps)
  if (error.kind === 'other-network') return wanted.checkpoint === checkpoint ? null : { ...wanted, checkpoint }
  return error.kind === 'damaged' ? wanted : null
}

async function downloadOnce(wanted: Wanted, onBytes: OnBytes, signal: AbortSignal): Promise<Downloaded> {
  const silence = new Silence(signal)
  try {
    return await fetchFile(wanted, onBytes, silence)
  } catch (error) {
    throw silence.isOver ? noResponse('timeout', error) : error
  } finally {
    silence.end()
  }
}

async function fetchFile(wanted: Wanted, onBytes: OnBytes, silence: Silence): Promise<Downloaded> {
  const { designId, runId, checkpoint, background, kind } = wanted
  const call = { designId, fmt: 'onnx', runId, checkpoint, background, inspect: kind === 'inspect' }
  const response = await callExport(call, silence.signal)
  silence.heard()
  const { headers } = response
  if (/^text\/html\b/.test(headers.get('content-type') ?? '')) throw noResponse('portal')
  const steps = headers.get('x-export-steps')
  if (steps !== null && Number(steps) !== wanted.steps) {
    void response.body?.cancel()
    throw new NetworkProblem('other-network')
  }
  const total = lengthOf(headers)
  const bytes = await readBody(response, wanted.maxBytes, (done) => {
    silence.heard()
    onBytes(done, total)
  })
  const hash = await sha256(bytes)
  const expected = sha256InHeader(headers.get('repr-digest')) ?? wanted.sha256
  if ((expected !== null && hash !== expected) || (total !== undefined && bytes.byteLength !== total))
    throw new NetworkProblem('damaged')
  return { bytes, sha256: hash }
}

/** The length of the file; undefined where the server does not tell it, or sends it compressed. */
function lengthOf(headers: Headers): number | undefined {
  const length = headers.get('content-length')
  return length === null || headers.get('content-encoding') !== null ? undefined : Number(length)
}

async function readBody(response: Response, maxBytes: number, onDone: (bytes: number) => void): Promise<ArrayBuffer> {
  const reader = response.body?.getReader()
  if (!reader) return response.arrayBuffer()
  const parts: Uint8Array[] = []
  let done = 0
  for (;;) {
    const { value } = await reader.read().catch((error: unknown) => {
      throw error instanceof DOMException && error.name === 'AbortError' ? error : noResponse('broken', error)
    })
    if (!value) return joined(parts, done)
    parts.push(value)
    done += value.byteLength
    if (done > maxBytes) {
      void reader.cancel()
      throw new NetworkProblem('too-large')
    }
    onDone(done)
  }
}

function joined(parts: readonly Uint8Array[], length: number): ArrayBuffer {
  const whole = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.byteLength
  }
  return whole.buffer
}
