import { expect, test } from 'vitest'
import { countLoad, type LoadProgress } from './load_progress'
import type { Pack } from './pack'

const pack = {
  files: [
    { url: '/rt/1/runtime.mjs', bytes: 5000, sent: 500 },
    { url: '/rt/1/runtime.wasm', bytes: 1000, sent: 100 },
    { url: '/rt/1/stdlib.zip', bytes: 300 },
  ],
} as Pack

/** An answer for a file, in chunks. */
function answerFor(url: string, chunks: number[]): Response {
  const body = new ReadableStream({
    start(controller) {
      for (const size of chunks) controller.enqueue(new Uint8Array(size))
      controller.close()
    },
  })
  const answer = new Response(body, { headers: { 'content-type': 'application/wasm' } })
  Object.defineProperty(answer, 'url', { value: `http://phone${url}` })
  return answer
}

test('what arrives is counted as it is sent, and passed on unchanged', async () => {
  const reports: LoadProgress[] = []
  const count = countLoad(pack, (progress) => reports.push(progress))
  const counted = count(answerFor('/rt/1/runtime.wasm', [400, 600]))
  expect(counted.headers.get('content-type')).toBe('application/wasm')
  expect((await counted.arrayBuffer()).byteLength).toBe(1000)
  expect(reports).toEqual([
    { done: 40, total: 400 },
    { done: 100, total: 400 },
  ])
  await count(answerFor('/rt/1/stdlib.zip', [150, 150])).arrayBuffer()
  expect(reports.at(-1)).toEqual({ done: 400, total: 400 })
})

test('other files are left alone', () => {
  const count = countLoad(pack, () => expect.unreachable())
  const answer = answerFor('/rt/1/runtime.mjs', [10])
  expect(count(answer)).toBe(answer)
})
