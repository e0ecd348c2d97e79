import { afterEach, expect, it, vi } from 'vitest'
import { ApiProblem } from './api'
import { DamagedFile, type ExportRequest, fetchExport, fileNameIn } from './export_file'

const wanted: ExportRequest = { designId: 'd1', fmt: 'onnx', runId: 'r1', checkpoint: 'best' }
const named = { 'content-disposition': 'attachment; filename="tiny-mlp-r1-best-512.onnx"' }

afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

const answer = (body: BodyInit | null, headers: Record<string, string> = {}, init: ResponseInit = {}) => {
  const call = vi.fn(async (_: string, _init?: RequestInit) => new Response(body, { headers: { ...named, ...headers }, ...init }))
  vi.stubGlobal('fetch', call)
  return call
}

it.each([
  ['attachment; filename="tiny-mlp-r1.onnx"', 'tiny-mlp-r1.onnx'],
  [`attachment; filename="2048-r1.onnx"; filename*=UTF-8''%E8%A8%AD%E8%A8%88-2048-r1.onnx`, '設計-2048-r1.onnx'],
  ['attachment; filename="100%-r1.onnx"', '100%-r1.onnx'],
  ['inline', undefined],
])('a file is saved under the name of the design in its own letters: %s', (header, name) => {
  expect(fileNameIn(header)).toBe(name)
})

it('downloads a checkpoint with progress in bytes, and says which network it is', async () => {
  const parts = ['abc', 'defg'].map((text) => new TextEncoder().encode(text))
  const body = new ReadableStream({
    pull: (stream) => {
      const part = parts.shift()
      if (part) stream.enqueue(part)
      else stream.close()
    },
  })
  const call = answer(body, { 'content-length': '7', 'x-export-checkpoint': 'best', 'x-export-steps': '512' })
  const seen: unknown[] = []
  const { file, exported } = await fetchExport(wanted, { onProgress: (...progress) => seen.push(progress) })
  expect(call.mock.calls[0]?.[0]).toBe('/api/designs/d1/export?fmt=onnx&run_id=r1&checkpoint=best')
  expect(seen).toEqual([
    [0, 7],
    [3, 7],
    [7, 7],
  ])
  expect(file.name).toBe('tiny-mlp-r1-best-512.onnx')
  expect(await file.text()).toBe('abcdefg')
  expect(exported).toEqual({ checkpoint: 'best', steps: 512, note: undefined })
})

it('refuses a file whose digest differs from that of the server, and one that is cut short', async () => {
  const digest = async (text: string) => {
    const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
    return { 'repr-digest': `sha-256=:${btoa(String.fromCharCode(...bytes))}:` }
  }
  answer('whole', await digest('whole'))
  expect((await fetchExport(wanted)).file.size).toBe(5)
  answer('whose', await digest('whole'))
  await expect(fetchExport(wanted)).rejects.toBeInstanceOf(DamagedFile)
  answer('who', { 'content-length': '5' })
  await expect(fetchExport(wanted)).rejects.toMatchObject({ status: 0, kind: 'broken' })
})

const neverAnswers = () =>
  vi.stubGlobal(
    'fetch',
    (_: string, { signal }: RequestInit) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason))
      }),
  )

it('gives up where the server is silent, and ends when it is cancelled', async () => {
  vi.useFakeTimers()
  neverAnswers()
  const silent = expect(fetchExport(wanted)).rejects.toMatchObject({ status: 0, kind: 'timeout' })
  await vi.advanceTimersByTimeAsync(900_000)
  await silent
  const controller = new AbortController()
  const cancelled = expect(fetchExport(wanted, { signal: controller.signal })).rejects.toMatchObject({ name: 'AbortError' })
  controller.abort()
  await cancelled
})

it('passes on why the server has no file', async () => {
  const problem = { title: 'Nothing trained', detail: 'Train the design first', status: 409 }
  answer(JSON.stringify(problem), { 'content-type': 'application/problem+json' }, { status: 409 })
  const refused = fetchExport(wanted)
  await expect(refused).rejects.toBeInstanceOf(ApiProblem)
  await expect(refused).rejects.toMatchObject({ status: 409, message: 'Train the design first' })
})
