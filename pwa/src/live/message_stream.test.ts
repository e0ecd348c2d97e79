import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { LiveMessage } from '../generated/wire'
import { MessageStream, type Socket } from './message_stream'

const message = (seq: number, run_id = 'r1'): LiveMessage =>
  ({ type: 'checkpoint_created', seq, run_id, steps: seq, score: null }) as LiveMessage

class FakeServer {
  stored: LiveMessage[] = []
  sockets: (Socket & { after: number | undefined })[] = []
  fetched: [string, number][] = []

  open = (after: number | undefined): Socket => {
    const socket = { onopen: null, onmessage: null, onclose: null, close: () => {}, after }
    this.sockets.push(socket)
    return socket
  }
  firstSeq = 1
  fetchMetrics = async (runId: string, after: number): Promise<{ messages: LiveMessage[]; firstSeq: number }> => {
    this.fetched.push([runId, after])
    const messages = this.stored.filter((one) => one.run_id === runId && one.seq > after).slice(0, 2)
    return { messages, firstSeq: this.firstSeq }
  }
  send(one: LiveMessage, arrives = true): void {
    this.stored.push(one)
    if (arrives) this.sockets.at(-1)?.onmessage?.({ data: JSON.stringify(one) })
  }
}

let server: FakeServer
let received: number[]
let connected: boolean[]
let stream: MessageStream

beforeEach(() => {
  vi.useFakeTimers()
  server = new FakeServer()
  received = []
  connected = []
  stream = new MessageStream(
    server,
    (one) => received.push(one.seq),
    (is) => connected.push(is),
  )
  stream.connect()
  server.sockets[0]?.onopen?.()
})
afterEach(() => {
  stream.close()
  vi.useRealTimers()
})

const settle = (): Promise<void> => vi.advanceTimersByTimeAsync(0).then(() => {})

test('each message once, in order', async () => {
  for (const seq of [5, 6, 6, 7]) server.send(message(seq))
  expect(received).toEqual([5, 6, 7])
})

const progress = (seq: number): LiveMessage =>
  ({ type: 'evaluation_progress', seq, run_id: 'r1', steps: 1, games_done: 2, games: 64, board_state: [] }) as LiveMessage
/** A message that the server does not store arrives. */
const receive = (one: LiveMessage): void => server.sockets.at(-1)?.onmessage?.({ data: JSON.stringify(one) })

test('progress that is not stored is delivered at once, each time, and moves no number', async () => {
  server.send(message(5))
  for (const seq of [5, 5]) receive(progress(seq))
  server.send(message(6))
  expect(received).toEqual([5, 5, 5, 6])
  expect(server.fetched).toEqual([])
})

test('progress ahead of what has arrived has the gap filled', async () => {
  server.send(message(1))
  server.send(message(2), false)
  receive(progress(2))
  await settle()
  expect(received).toEqual([1, 2])
  receive(progress(2))
  server.send(message(3))
  expect(received).toEqual([1, 2, 2, 3])
})

test('progress right after a new connection is no sign of another server', async () => {
  server.send(message(5))
  server.sockets.at(-1)?.onclose?.()
  await vi.advanceTimersByTimeAsync(20_000)
  server.sockets.at(-1)?.onopen?.()
  await settle()
  receive(progress(5))
  server.send(message(6))
  expect(received).toEqual([5, 5, 6])
  expect(server.sockets.at(-1)?.after).toBe(5)
})

test('case 5: a gap is fetched page by page and delivered in order, before what came meanwhile', async () => {
  server.send(message(1))
  for (const seq of [2, 3, 4, 5]) server.send(message(seq), false)
  server.send(message(6))
  server.send(message(7))
  await settle()
  expect(received).toEqual([1, 2, 3, 4, 5, 6, 7])
})

test('a gap is filled from every run that sent messages', async () => {
  server.send(message(1, 'r1'))
  server.send(message(2, 'r9'))
  server.send(message(3, 'r9'), false)
  server.send(message(4, 'r1'))
  await settle()
  expect(received).toEqual([1, 2, 3, 4])
})

test('case 28: after a break it connects from the last number on, and fetches what was missed', async () => {
  server.send(message(1))
  server.sockets[0]?.onclose?.()
  expect(connected).toEqual([true, false])
  server.send(message(2), false)
  await vi.advanceTimersByTimeAsync(1_000)
  expect(server.sockets).toHaveLength(2)
  expect(server.sockets[1]?.after).toBe(1)
  server.sockets[1]?.onopen?.()
  await settle()
  expect(received).toEqual([1, 2])
  expect(connected).toEqual([true, false, true])
})

test('a gap that cannot be filled does not hold back later messages', async () => {
  server.fetchMetrics = () => Promise.reject(new Error('offline'))
  server.send(message(1))
  server.send(message(5))
  await settle()
  expect(received).toEqual([1, 5])
})

test('numbers that the server has removed are not asked for', async () => {
  server.send(message(1))
  server.firstSeq = 40
  server.send(message(10))
  await settle()
  const asked = server.fetched.length
  expect(asked).toBeGreaterThan(0)
  for (const seq of [20, 30, 40]) server.send(message(seq))
  await settle()
  expect(server.fetched).toHaveLength(asked)
  server.send(message(41), false)
  server.send(message(42))
  await settle()
  expect(server.fetched.length).toBeGreaterThan(asked)
  expect(received).toEqual([1, 10, 20, 30, 40, 41, 42])
})

test('what is no message is ignored', () => {
  for (const data of ['', '{', '[]', '{"type":1}', new ArrayBuffer(1)]) server.sockets[0]?.onmessage?.({ data })
  expect(received).toEqual([])
})

test('messages of a server restored from a copy, whose numbers are lower, are delivered', async () => {
  for (const seq of [7, 8]) server.send(message(seq))
  server.sockets[0]?.onclose?.()
  server.stored = []
  await vi.runOnlyPendingTimersAsync()
  server.sockets.at(-1)?.onopen?.()
  await settle()
  expect(server.sockets.at(-1)).toMatchObject({ after: 8 })
  for (const seq of [4, 5]) server.send(message(seq))
  expect(received).toEqual([7, 8, 4, 5])
})
