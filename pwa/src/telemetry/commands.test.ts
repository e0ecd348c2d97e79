import { beforeEach, expect, test } from 'vitest'
import type { SyncRequest } from '../generated/wire'
import { type CommandKind, enqueueCommand } from '../storage/commands'
import { saveWork } from '../storage/designs'
import { queueCommands, readQueue, storeAnswer } from '../storage/telemetry'
import { syncNow } from '../sync/sync_session'
import { design, server, startAfresh } from '../sync/test_phones'
import { eventOfCommand } from './commands'

startAfresh()
beforeEach(() => storeAnswer('yes'))

const post = async (request: SyncRequest) => ({ ...(await server.post(request)), requestId: 'q7' })

async function run(kind: CommandKind, continues?: string): Promise<string> {
  await saveWork(design('d1', ['x']))
  const id = await enqueueCommand(kind, 'd1', {}, continues)
  await syncNow(post)
  await queueCommands(eventOfCommand)
  return id
}

test('a run that starts is recorded once, with the request id of the answer', async () => {
  const id = await run('train')
  await queueCommands(eventOfCommand)
  expect((await readQueue())?.events).toEqual([
    { type: 'train_started', id: `e${id}`, at: expect.any(String), designId: 'd1', run_id: `r-${id}`, request_id: 'q7' },
  ])
})

test('a run that trains longer is no new run', async () => {
  await run('train', 'r7')
  expect((await readQueue())?.events).toEqual([])
})

const result = { paramCount: 0.24, parameters: 244_613 } as never
const compile = { id: 'k1', kind: 'compile', designId: 'd1', config: {}, createdAt: '', status: 'done', result } as const

test('a compile is recorded with its parameters and the time from the call to the answer', () => {
  expect(eventOfCommand({ ...compile, sentAt: 1_000, endedAt: 2_250, requestId: 'q1' })).toEqual({
    ...{ type: 'compile_success', designId: 'd1', paramCount: 0.24, parameters: 244_613, time_ms: 1_250, request_id: 'q1' },
  })
  expect(eventOfCommand({ ...compile, sentAt: 2_000, endedAt: 1_000 }), 'the clock was put back').toMatchObject({ time_ms: 0 })
  expect(eventOfCommand({ ...compile, status: 'failed' })).toBeNull()
})
