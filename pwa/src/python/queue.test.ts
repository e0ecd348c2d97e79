import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Backoff } from '../lib/backoff'
import type { Call, Reply } from './protocol'
import { CallQueue, type Port, PythonUnavailable, type WorkerState } from './queue'

class FakeWorker implements Port {
  calls: Call[] = []
  ended = false
  onmessage: Port['onmessage'] = null
  onerror: Port['onerror'] = null
  postMessage(call: Call): void {
    this.calls.push(call)
  }
  terminate(): void {
    this.ended = true
  }
  reply(reply: Reply): void {
    this.onmessage?.({ data: reply } as MessageEvent<Reply>)
  }
  answer(value: unknown): void {
    const bytes = new TextEncoder().encode(JSON.stringify(value)).buffer as ArrayBuffer
    this.reply({ type: 'answer', id: this.calls.at(-1)?.id ?? 0, bytes })
  }
}

let workers: FakeWorker[] = []
let states: WorkerState[] = []
let queue: CallQueue

beforeEach(() => {
  vi.useFakeTimers()
  workers = []
  states = []
  queue = new CallQueue(
    () => {
      const worker = new FakeWorker()
      workers.push(worker)
      return worker
    },
    (state) => states.push(state),
    undefined,
    new Backoff({ firstMs: 2000, maxMs: 60_000, random: () => 0.5 }),
  )
})
afterEach(() => vi.useRealTimers())

const worker = (): FakeWorker => workers.at(-1) as FakeWorker

test('what arrives of a first load is told until Python is ready', () => {
  queue.start()
  worker().reply({ type: 'loading', progress: { done: 1, total: 4 } })
  worker().reply({ type: 'ready' })
  expect(states).toEqual([{ status: 'loading', progress: { done: 1, total: 4 } }, { status: 'ready' }])
})

test('a call waits until Python is ready and gets its answer', async () => {
  const answer = queue.call('validate', ['{}'])
  expect(worker().calls).toEqual([])
  worker().reply({ type: 'ready' })
  expect(worker().calls).toMatchObject([{ kind: 'validate', args: ['{}'] }])
  worker().answer({ valid: true })
  await expect(answer).resolves.toEqual({ valid: true })
  expect(states).toEqual([{ status: 'ready' }])
})

test('the newest of a kind wins, other kinds are left alone', async () => {
  const outcomes = [queue.call('validate', ['1']), queue.call('generate', ['g']), queue.call('validate', ['2'])]
  const settled = Promise.allSettled(outcomes)
  worker().reply({ type: 'ready' })
  worker().answer('first out')
  worker().answer('second out')
  expect((await settled).map((outcome) => outcome.status)).toEqual(['rejected', 'fulfilled', 'fulfilled'])
  expect(worker().calls.map((call) => call.args)).toEqual([['g'], ['2']])
})

test('an answer to a superseded call in flight is dropped', async () => {
  queue.start()
  worker().reply({ type: 'ready' })
  const older = queue.call('validate', ['1'])
  const newer = queue.call('validate', ['2'])
  await expect(older).rejects.toMatchObject({ name: 'AbortError' })
  worker().answer('of the older')
  worker().answer('of the newer')
  await expect(newer).resolves.toBe('of the newer')
})

test('a signal aborts', async () => {
  const stop = new AbortController()
  const answer = queue.call('validate', ['1'], stop.signal)
  stop.abort()
  await expect(answer).rejects.toMatchObject({ name: 'AbortError' })
})

test('an error of a call is only that', async () => {
  const answer = queue.call('generate', ['{}'])
  worker().reply({ type: 'ready' })
  worker().reply({ type: 'error', id: worker().calls[0]?.id ?? 0, detail: 'ValueError: not valid' })
  await expect(answer).rejects.toThrow('ValueError: not valid')
  expect(states.at(-1)).toEqual({ status: 'ready' })
})

test('a hanging call ends its worker; waiting calls go to a new one', async () => {
  const hanging = queue.call('validate', ['hangs'])
  worker().reply({ type: 'ready' })
  const waiting = queue.call('generate', ['waits'])
  const refused = expect(hanging).rejects.toThrow(/in time/)
  vi.advanceTimersByTime(10_000)
  await refused
  expect(workers.map((one) => one.ended)).toEqual([true, false])
  worker().reply({ type: 'ready' })
  worker().answer('done')
  await expect(waiting).resolves.toBe('done')
})

test('a worker that hangs again and again is given up', async () => {
  for (let round = 0; round < 4; round += 1) {
    const hanging = queue.call('validate', [String(round)])
    worker().reply({ type: 'ready' })
    const refused = expect(hanging).rejects.toThrow()
    vi.advanceTimersByTime(10_000)
    await refused
  }
  expect(states.at(-1)).toMatchObject({ status: 'failed' })
  await expect(queue.call('validate', ['x'])).rejects.toBeInstanceOf(PythonUnavailable)
})

test('when Python cannot start, every call is rejected', async () => {
  const answer = queue.call('validate', ['{}'])
  worker().reply({ type: 'failed', detail: 'no WebAssembly' })
  await expect(answer).rejects.toBeInstanceOf(PythonUnavailable)
  expect(states).toEqual([{ status: 'failed', detail: 'no WebAssembly' }])
  expect(worker().ended).toBe(true)
})

test('a start that failed is tried again, and until then calls are rejected', async () => {
  queue.start()
  worker().reply({ type: 'failed', detail: '503 for pyodide.asm.wasm' })
  await expect(queue.call('validate', ['1'])).rejects.toThrow(PythonUnavailable)
  expect(workers).toHaveLength(1)
  vi.advanceTimersByTime(2000)
  expect(workers).toHaveLength(2)
  worker().reply({ type: 'failed', detail: 'again' })
  vi.advanceTimersByTime(2000)
  expect(workers).toHaveLength(2)
  vi.advanceTimersByTime(2000)
  expect(workers).toHaveLength(3)
  worker().reply({ type: 'ready' })
  const answer = queue.call('validate', ['2'])
  worker().answer({ valid: true })
  await expect(answer).resolves.toEqual({ valid: true })
  expect(states.map(({ status }) => status)).toEqual(['failed', 'failed', 'ready'])
})

test('an interrupted download is not reported as a Python that cannot run, and Try again starts it at once', async () => {
  queue.start()
  worker().reply({ type: 'failed', detail: 'TypeError: network error', interrupted: true })
  expect(states).toEqual([{ status: 'failed', detail: 'TypeError: network error', interrupted: true }])
  queue.retry()
  queue.retry()
  expect(workers).toHaveLength(2)
  expect(states.at(-1)).toEqual({ status: 'loading', detail: 'starting again' })
  worker().onerror?.({ message: '' } as ErrorEvent)
  expect(states.at(-1)).toMatchObject({ status: 'failed', interrupted: true })
  queue.retry()
  worker().reply({ type: 'failed', detail: 'no WebAssembly' })
  expect(states.at(-1)).toEqual({ status: 'failed', detail: 'no WebAssembly' })
  vi.advanceTimersByTime(2000)
  worker().reply({ type: 'ready' })
  queue.retry()
  expect(workers).toHaveLength(4)
})
