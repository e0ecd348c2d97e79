/** For tests of networks: a server that hands out files with their hashes, and a Cache Storage that can be full. */

import 'fake-indexeddb/auto'
import { createHash } from 'node:crypto'
import { IDBFactory } from 'fake-indexeddb'
import { afterEach, beforeEach, vi } from 'vitest'
import type { ExportableCheckpoint, ExportableRun, ExportFile } from '../generated/wire'
import { closeChannel } from '../storage/changes'
import { closeDatabase } from '../storage/database'
import type { KeptNetwork } from '../storage/networks'
import { networksStore } from './store'

/** Files of caches by cache and path, as the browser's `caches`; what does not fit is refused as a browser does. */
export class FakeCaches {
  readonly files = new Map<string, Uint8Array<ArrayBuffer>>()
  /** bytes that fit in all */
  quota = Number.POSITIVE_INFINITY

  async open(cache: string): Promise<Cache> {
    const key = (request: RequestInfo | URL): string => {
      const url = typeof request === 'string' ? request : request instanceof URL ? request.href : request.url
      return `${cache}${new URL(url, 'http://phone').pathname}`
    }
    const paths = () => [...this.files.keys()].filter((name) => name.startsWith(`${cache}/`))
    const own = {
      match: async (request: RequestInfo | URL) => {
        const bytes = this.files.get(key(request))
        return bytes && new Response(bytes)
      },
      put: async (request: RequestInfo | URL, response: Response) => {
        const bytes = new Uint8Array(await response.arrayBuffer())
        const used = [...this.files.values()].reduce((sum, file) => sum + file.byteLength, 0)
        if (used + bytes.byteLength > this.quota) throw new DOMException('no space', 'QuotaExceededError')
        this.files.set(key(request), bytes)
      },
      delete: async (request: RequestInfo | URL) => this.files.delete(key(request)),
      keys: async () => paths().map((path) => ({ url: `http://phone${path.slice(cache.length)}` })),
    }
    return own as unknown as Cache
  }

  async delete(cache: string): Promise<boolean> {
    const paths = this.pathsIn(cache)
    for (const path of paths) this.files.delete(`${cache}${path}`)
    return paths.length > 0
  }

  /** The paths of the files in a cache. */
  pathsIn(cache: string): string[] {
    return [...this.files.keys()].filter((name) => name.startsWith(`${cache}/`)).map((name) => name.slice(cache.length))
  }
}

const hex = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const base64 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('base64')
export const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)
export const textOf = (bytes: ArrayBuffer | null): string | null => bytes && new TextDecoder().decode(bytes)

type Answer = Response | Promise<Response> | Error

/** What is changed of an answer before it is sent. */
type Change = (response: Response, query: URLSearchParams) => Answer

/** A server with exported networks, in the place of `fetch`. */
export class ExportServer {
  /** the text in each file, by `<run>/<steps>/<plain|inspect>` */
  readonly files = new Map<string, string>()
  /** the moves of the best and the last checkpoint of a run */
  readonly named = new Map<string, Record<string, number>>()
  runs: ExportableRun[] = []
  readonly calls: string[] = []
  /** applied to the next answers with files, one each */
  changes: Change[] = []

  readonly fetch = async (url: string, init?: RequestInit): Promise<Response> => {
    this.calls.push(url)
    const { pathname, searchParams } = new URL(url, 'http://phone')
    if (pathname === '/api/runs') return json(this.runs.map(({ run_id, status }) => ({ id: run_id, design_id: 'd1', status })))
    if (pathname.endsWith('/exports')) return json({ runs: this.runs })
    const answer = this.file(searchParams)
    const changed = await (this.changes.shift()?.(answer, searchParams) ?? answer)
    if (init?.signal?.aborted) throw init.signal.reason
    if (changed instanceof Error) throw changed
    return changed
  }

  private file(query: URLSearchParams): Response {
    const run = query.get('run_id') ?? ''
    const checkpoint = query.get('checkpoint') ?? ''
    const steps = this.named.get(run)?.[checkpoint] ?? Number(checkpoint)
    const kind = query.get('inspect') === 'true' ? 'inspect' : 'plain'
    const text = this.files.get(`${run}/${steps}/${kind}`)
    if (text === undefined)
      return json({ title: 'Not found', status: kind === 'inspect' ? 409 : 404, detail: 'There is no such file.' })
    const bytes = bytesOf(text)
    return new Response(bytes, {
      headers: {
        'content-type': 'application/octet-stream',
        'content-length': String(bytes.byteLength),
        'repr-digest': `sha-256=:${base64(bytes)}:`,
        'x-export-steps': String(steps),
      },
    })
  }

  /** The calls for files, in short: `best plain`, `best inspect background`. */
  get fetched(): string[] {
    return this.calls
      .filter((url) => url.includes('/export?'))
      .map((url) => {
        const query = new URL(url, 'http://phone').searchParams
        const kind = query.get('inspect') ? 'inspect' : 'plain'
        return [query.get('checkpoint'), kind, query.get('background') && 'background'].filter(Boolean).join(' ')
      })
  }

  /** Have a run whose best network is the one after these moves; returns it as the list of exports has it. */
  addRun(runId: string, steps: number, more: Partial<ExportableRun> = {}): ExportableRun {
    const run = { ...runOf(runId, [this.addNetwork(runId, 'best', steps, more.inspectable ?? true)]), ...more }
    this.runs = [run, ...this.runs.filter((other) => other.run_id !== runId)]
    return run
  }

  private addNetwork(runId: string, checkpoint: string, steps: number, inspectable: boolean): ExportableCheckpoint {
    this.named.set(runId, { ...this.named.get(runId), [checkpoint]: steps })
    this.files.set(`${runId}/${steps}/plain`, `plain network of ${runId} after ${steps}`)
    if (inspectable) this.files.set(`${runId}/${steps}/inspect`, `inspection of ${runId} after ${steps}`)
    return checkpointOf(
      checkpoint,
      steps,
      ['plain', ...(inspectable ? ['inspect'] : [])].map((kind) => this.fileOf(runId, steps, kind)),
    )
  }

  private fileOf(runId: string, steps: number, kind: string): ExportFile {
    const bytes = bytesOf(this.files.get(`${runId}/${steps}/${kind}`) ?? '')
    const check = { largest_difference: 2e-7, checked_boards: 1000, note: null }
    return { fmt: 'onnx', inspect: kind === 'inspect', bytes: bytes.byteLength, is_exact: true, sha256: hex(bytes), ...check }
  }
}

const json = (body: unknown): Response => {
  const status = (body as { status?: number }).status ?? 200
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': status < 400 ? 'application/json' : 'application/problem+json' },
  })
}

const checkpointOf = (checkpoint: string, steps: number, files: ExportFile[]): ExportableCheckpoint => ({
  ...{ checkpoint, steps, files },
  created_at: '2026-11-01T00:00:00Z',
  score: 5,
})

const runOf = (runId: string, checkpoints: ExportableCheckpoint[]): ExportableRun => ({
  run_id: runId,
  value_unit: { gamma: 0.995, reward: 'sqrt_points' },
  algorithm: 'ppo',
  status: 'running',
  steps: 1000,
  created_at: '2026-11-01T00:00:00Z',
  ended_at: null,
  design_hash: 'h1',
  score: 5,
  best_score: 5,
  evaluation: { mean: 5, median: 4, games: 100, max_tile_frequency: { 256: 0.5, 512: 0.5 }, baselines: {} },
  train_seconds: 60,
  parameters: 1234,
  total_steps: 1000,
  inspectable: true,
  name: '',
  tags: [],
  checkpoints,
})

/** The row of a network, without its place in the list. */
export function network(id: string, more: Partial<KeptNetwork> = {}): Omit<KeptNetwork, 'order'> {
  const [runId = '', steps = '0'] = id.split('-')
  return {
    ...{ id, runId, steps: Number(steps), designId: 'd1', designName: 'Tiny MLP', designHash: 'h1', checkpoint: 'best' },
    ...{ algorithm: 'ppo', score: 5, evaluation: null, parameters: 1234, trainSeconds: 60 },
    ...{ bytes: 500_000, sha256: 'x', inspectBytes: 700_000, inspectSha256: 'y', keptAt: '2026-11-01T00:00:00Z' },
    ...{ largestDifference: 2e-7, checkedBoards: 1000, automatic: false },
    ...more,
  }
}

export let exportServer: ExportServer
export let fakeCaches: FakeCaches

/** Begin every test of a file with a server without runs and a phone without networks. */
export function startWithoutNetworks(): void {
  beforeEach(async () => {
    exportServer = new ExportServer()
    fakeCaches = new FakeCaches()
    vi.stubGlobal('fetch', exportServer.fetch)
    vi.stubGlobal('caches', fakeCaches)
    await closeDatabase()
    globalThis.indexedDB = new IDBFactory()
    networksStore.setState(networksStore.getInitialState(), true)
  })
  afterEach(() => {
    closeChannel()
    vi.unstubAllGlobals()
  })
}
