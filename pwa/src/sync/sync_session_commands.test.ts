import { describe, expect, test } from 'vitest'
import { ApiProblem } from '../api/problem'
import { commandState, enqueueCommand } from '../storage/commands'
import { closeDatabase } from '../storage/database'
import { saveWork } from '../storage/designs'
import { unreachable } from './fake_server'
import { countWaiting } from './sync_session'
import { design, server, startAfresh, sync } from './test_phones'

startAfresh()

describe('commands', () => {
  test('given offline, run once, after their design was sent', async () => {
    await saveWork(design('d1', ['x'], 'drawn offline'))
    const id = await enqueueCommand('train', 'd1', { seed: 3 })
    expect(await countWaiting()).toBe(2)
    server.after = unreachable
    await expect(sync()).rejects.toThrow(ApiProblem)
    server.after = () => {}
    await sync()
    await sync()
    expect(server.started).toEqual(['train drawn offline'])
    expect(await commandState(id)).toMatchObject({ status: 'done', runId: `r-${id}` })
    expect(await countWaiting()).toBe(0)
  })

  test.each(['the request', 'the answer'])('after a call lost %s, run on the newest, also after a reload', async (lost) => {
    await saveWork(design('d1', [], 'base'))
    await sync()
    await saveWork(design('d1', ['x'], 'first edit'))
    if (lost === 'the request') server.before = unreachable
    else server.after = unreachable
    await expect(sync()).rejects.toThrow(ApiProblem)
    await saveWork(design('d1', ['x', 'y'], 'second edit'))
    await enqueueCommand('compile', 'd1')
    await enqueueCommand('train', 'd1')
    await expect(sync()).rejects.toThrow(ApiProblem)
    await closeDatabase() // a reload: from here on only what was stored is known
    server.before = server.after = () => {}
    const failedCall = server.calls.at(-1)
    server.calls = []
    await sync()
    expect(server.calls[0]?.designs).toEqual(failedCall?.designs)
    expect(server.calls.map((call) => [call.designs?.[0]?.work?.name, call.commands?.length])).toEqual([
      ['first edit', 0],
      ['second edit', 2],
    ])
    expect(server.started.sort()).toEqual(['compile second edit', 'train second edit'])
  })

  test('do not wait for the newest of another design', async () => {
    await saveWork(design('d1', [], 'requested'))
    await sync()
    await saveWork(design('d2'))
    server.before = unreachable
    await expect(sync()).rejects.toThrow(ApiProblem)
    server.before = () => {}
    await saveWork(design('d2', ['x']))
    await enqueueCommand('train', 'd1')
    await sync()
    expect(server.calls.slice(-2).map((call) => call.commands?.length)).toEqual([1, 0])
    expect(server.started).toEqual(['train requested'])
  })

  test('of a run that goes on do not depend on its design, which may be refused', async () => {
    await saveWork(design('d1', ['good']))
    await sync()
    server.refuse = (pushed) => JSON.stringify(pushed.work).includes('bad')
    await saveWork(design('d1', ['bad']))
    const id = await enqueueCommand('train', 'd1', { total_steps: 900 }, 'r7')
    await sync()
    const sent = server.calls.flatMap(({ commands }) => commands ?? [])
    expect(sent).toEqual([{ id, kind: 'resume', design_id: 'd1', config: { total_steps: 900 }, run_id: 'r7' }])
    expect(await commandState(id)).toMatchObject({ kind: 'train', continues: 'r7', status: 'done', runId: 'r7' })
  })

  test('fail with the reason where the newest is refused, and run nothing older', async () => {
    await saveWork(design('d1', ['good']))
    await sync()
    server.refuse = (pushed) => JSON.stringify(pushed.work).includes('bad')
    await saveWork(design('d1', ['bad']))
    const withIt = await enqueueCommand('train', 'd1')
    await sync()
    const after = await enqueueCommand('compile', 'd1')
    await sync()
    for (const id of [withIt, after]) {
      expect(await commandState(id)).toMatchObject({ status: 'failed', problem: { detail: 'd1 is bad' } })
    }
    expect(server.started).toEqual([])
  })

  test('for a restored server: run on the design of the phone, not on the backup', async () => {
    await saveWork(design('d1', [], 'old'))
    await sync()
    const restore = server.backup()
    await saveWork(design('d1', ['x'], 'old'))
    await sync()
    restore()
    await enqueueCommand('train', 'd1')
    await sync()
    expect(server.calls.at(-1)).toMatchObject({ designs: [{ id: 'd1' }], commands: [{ kind: 'train' }] })
    expect(server.started).toEqual(['train old'])
    expect(server.calls.at(-1)?.designs?.[0]?.work).toMatchObject({ components: [{ id: 'x' }] })
  })

  test('wait until all designs are sent when these take several calls', async () => {
    for (let index = 0; index < 150; index += 1) await saveWork(design(`d${index}`))
    await enqueueCommand('compile', 'd149')
    await sync()
    expect(server.calls.map((call) => [call.designs?.length, call.commands?.length])).toEqual([
      [100, 0],
      [50, 1],
    ])
  })
})
