import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Reply, RulesCall } from './protocol'
import { type CallPort, RulesPort } from './rules_port'

class FakePort implements CallPort {
  calls: RulesCall[] = []
  closed = false
  onmessage: CallPort['onmessage'] = null
  postMessage(call: RulesCall): void {
    this.calls.push(call)
  }
  close(): void {
    this.closed = true
  }
  reply(reply: Reply): void {
    this.onmessage?.({ data: reply } as MessageEvent<Reply>)
  }
  answer(call: number, value: unknown): void {
    const bytes = new TextEncoder().encode(JSON.stringify(value)).buffer as ArrayBuffer
    this.reply({ type: 'answer', id: this.calls[call]?.id ?? 0, bytes })
  }
}

let port: FakePort
let rules: RulesPort

beforeEach(() => {
  vi.useFakeTimers()
  port = new FakePort()
  rules = new RulesPort(10_000)
})
afterEach(() => vi.useRealTimers())

test('calls are sent at once and answered in any order', async () => {
  rules.connect(port)
  const games = rules.newGames([3])
  const boards = rules.boardsAfter([1, 2])
  expect(port.calls).toMatchObject([
    { kind: 'new_games', args: ['[3]'] },
    { kind: 'boards_after', args: ['[1,2]'] },
  ])
  port.answer(1, 'boards')
  port.answer(0, 'games')
  expect(await Promise.all([games, boards])).toEqual(['games', 'boards'])
})

test('a call before there is a port is sent once there is one', async () => {
  const games = rules.newGames([1])
  rules.connect(port)
  port.reply({ type: 'ready' })
  port.answer(0, 'games')
  await expect(games).resolves.toBe('games')
})

test('calls without an answer are sent to the worker that takes the place of the first', async () => {
  rules.connect(port)
  const first = rules.newGames([1])
  const second = rules.newGames([2])
  port.answer(0, 'first')
  await first
  const other = new FakePort()
  rules.connect(other)
  expect(port.closed).toBe(true)
  expect(other.calls).toMatchObject([{ args: ['[2]'] }])
  other.answer(0, 'second')
  await expect(second).resolves.toBe('second')
})

test('an error of Python rejects its call alone', async () => {
  rules.connect(port)
  const [bad, good] = [rules.newGames([-1]), rules.newGames([1])]
  port.reply({ type: 'error', id: port.calls[0]?.id ?? 0, detail: 'ValueError: the seed' })
  port.answer(1, 'good')
  await expect(bad).rejects.toThrow('the seed')
  await expect(good).resolves.toBe('good')
})

test('where Python cannot run, calls are rejected until there is another port', async () => {
  rules.connect(port)
  const waiting = rules.newGames([1])
  port.reply({ type: 'failed', detail: 'no memory' })
  await expect(waiting).rejects.toMatchObject({ name: 'PythonUnavailable', message: 'no memory' })
  await expect(rules.newGames([2])).rejects.toMatchObject({ name: 'PythonUnavailable' })
  const other = new FakePort()
  rules.connect(other)
  const again = rules.newGames([2])
  other.answer(0, 'again')
  await expect(again).resolves.toBe('again')
})

test('no answer in time is a failure, counted from when Python runs and from the last answer', async () => {
  rules.connect(port)
  const outcome = rules.newGames([1]).catch((error: Error) => error.message)
  const other = rules.newGames([2])
  await vi.advanceTimersByTimeAsync(60_000)
  port.reply({ type: 'ready' })
  await vi.advanceTimersByTimeAsync(9_000)
  port.answer(1, 'other')
  await expect(other).resolves.toBe('other')
  await vi.advanceTimersByTimeAsync(9_000)
  expect(vi.getTimerCount()).toBe(1)
  await vi.advanceTimersByTimeAsync(1_000)
  await expect(outcome).resolves.toBe('Python stopped answering')
  expect(vi.getTimerCount()).toBe(0)
})
