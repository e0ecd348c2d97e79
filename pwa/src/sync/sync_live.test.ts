// @vitest-environment jsdom
import 'fake-indexeddb/auto'
import { afterAll, expect, test, vi } from 'vitest'
import type { CommandFinished } from '../generated/wire'
import { closeChannel } from '../storage/changes'
import { commandState, enqueueCommand } from '../storage/commands'
import { saveWork } from '../storage/designs'
import { FakeServer } from './fake_server'
import { onCommandFinished, setLive, startSync, syncSoon, syncState } from './sync'
import { design, settled } from './test_phones'

const server = new FakeServer()
vi.stubGlobal('fetch', async (path: string, { body }: RequestInit) =>
  Response.json(path === '/api/health' ? {} : await server.post(JSON.parse(String(body)))),
)
vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
afterAll(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
  closeChannel()
})

async function passes(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms)
  await settled()
}

async function compile(): Promise<string> {
  const id = await enqueueCommand('compile', 'd1')
  syncSoon('compile')
  await settled()
  await passes(0)
  return id
}

const finished = (command_id: string): CommandFinished => ({
  type: 'command_finished',
  seq: 1,
  run_id: null,
  command_id,
  design_id: 'd1',
  status: 'done',
})

test('the server is asked for a result every second while the socket is closed, and only on its message while it is open', async () => {
  startSync()
  await settled()
  await passes(0)
  await saveWork(design('d1'))
  await settled()
  await passes(400)
  expect(syncState.getState().status).toBe('saved-on-server')

  server.running.add('compile')
  const first = await compile()
  expect((await commandState(first))?.status).toBe('running')
  for (let second = 1; second <= 3; second += 1) {
    const before = server.calls.length
    await passes(1_000)
    expect(server.calls.length).toBe(before + 1)
  }

  setLive(true)
  await passes(0)
  const asked = server.calls.length
  await passes(10_000)
  expect(server.calls.length).toBe(asked)

  server.running.clear()
  await onCommandFinished(finished('k-of-another-phone'))
  await passes(1_000)
  expect(server.calls.length).toBe(asked)
  await onCommandFinished(finished(first))
  await passes(0)
  expect((await commandState(first))?.status).toBe('done')
  expect(server.calls.length).toBe(asked + 1)

  server.running.add('compile')
  const second = await compile()
  const open = server.calls.length
  await passes(5_000)
  expect(server.calls.length).toBe(open)
  setLive(false)
  await passes(0)
  expect((await commandState(second))?.status).toBe('running')
  server.running.clear()
  await passes(1_000)
  expect((await commandState(second))?.status).toBe('done')
})
