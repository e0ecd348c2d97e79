import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ApiProblem } from '../api/problem'
import type { ModelArchitecture } from '../generated/wire'
import { closeChannel } from '../storage/changes'
import { commandState, enqueueCommand } from '../storage/commands'
import { closeDatabase, type StoredDesign, withDatabase } from '../storage/database'
import { getDesign, listDesigns, removeDesign, saveWork } from '../storage/designs'
import { FakeServer, unreachable } from './fake_server'
import { countWaiting, syncIfWaiting, syncNow } from './syncer'

const design = (id: string, components: string[] = [], name = 'One'): ModelArchitecture => ({
  id,
  name,
  schema_version: 1,
  meta: { d_model: 128, n_heads: 4, n_experts: 4 },
  components: components.map((one) => ({ id: one, type: 'add', props: {}, x: 0, y: 0, inside: null })),
  edges: [],
})
const names = (row: StoredDesign | undefined): string[] => (row?.work.components ?? []).map((one) => one.id).sort()

let server: FakeServer
let phones: Record<string, IDBFactory>

/** From here on the code runs on this phone: it has a database of its own. */
async function on(phone: string): Promise<void> {
  await closeDatabase()
  phones[phone] ??= new IDBFactory()
  globalThis.indexedDB = phones[phone]
}
const sync = () => syncNow(server.post)
const addTo = async (id: string, ...components: string[]): Promise<void> => {
  const row = await getDesign(id)
  await saveWork(design(id, [...names(row), ...components], row?.work.name))
}
const dropFrom = async (id: string, component: string): Promise<void> => {
  const row = await getDesign(id)
  await saveWork(
    design(
      id,
      names(row).filter((one) => one !== component),
    ),
  )
}

beforeEach(async () => {
  server = new FakeServer()
  phones = {}
  await on('a')
})
afterEach(closeChannel)

describe('two phones', () => {
  test('what one draws the other has', async () => {
    await saveWork(design('d1', ['x']))
    expect(await countWaiting()).toBe(1)
    await sync()
    expect(await getDesign('d1')).toMatchObject({ dirty: false, epoch: 'e1', sent: null })
    expect(await countWaiting()).toBe(0)
    await on('b')
    await sync()
    expect(names(await getDesign('d1'))).toEqual(['x'])
  })

  test('both add: both have both', async () => {
    await saveWork(design('d1', ['x']))
    await sync()
    await on('b')
    await sync()
    await addTo('d1', 'b1')
    await on('a')
    await addTo('d1', 'a1')
    await sync()
    await on('b')
    await sync()
    expect(names(await getDesign('d1'))).toEqual(['a1', 'b1', 'x'])
    await on('a')
    await sync()
    expect(names(await getDesign('d1'))).toEqual(['a1', 'b1', 'x'])
  })

  test('a delete reaches the other; an edit beats it', async () => {
    await saveWork(design('d1', ['x']))
    await saveWork(design('d2', ['x']))
    await sync()
    await on('b')
    await sync()
    await removeDesign('d1')
    await removeDesign('d2')
    await sync()
    expect(await listDesigns()).toEqual([])
    await on('a')
    await addTo('d2', 'y')
    await sync()
    expect((await listDesigns()).map((row) => row.id)).toEqual(['d2'])
    await on('b')
    await sync()
    expect(names(await getDesign('d2'))).toEqual(['x', 'y'])
    expect(await withDatabase((db) => db.get('designs', 'd1'))).toBeUndefined()
  })

  test('a delete of what the other has edited brings the edited design back', async () => {
    await saveWork(design('d1', ['x']))
    await sync()
    await on('b')
    await sync()
    await addTo('d1', 'y')
    await sync()
    await on('a')
    await removeDesign('d1')
    await sync()
    expect(names(await getDesign('d1'))).toEqual(['x', 'y'])
  })

  test('an edit made on what the screen still showed does not undo what the other added', async () => {
    await saveWork(design('d1', ['x']))
    await sync()
    const shown = (await getDesign('d1'))?.revision
    await on('b')
    await sync()
    await addTo('d1', 'b1')
    await sync()
    await on('a')
    await sync()
    await saveWork(design('d1', ['a1', 'x']), shown)
    await sync()
    expect(names(await getDesign('d1'))).toEqual(['a1', 'b1', 'x'])
  })
})

describe('calls that go wrong', () => {
  test('a lost request changes nothing and is sent again', async () => {
    await saveWork(design('d1', ['x']))
    server.before = unreachable
    await expect(sync()).rejects.toThrow(ApiProblem)
    expect(await countWaiting()).toBe(1)
    server.before = () => {}
    await sync()
    expect(Object.keys(server.documents())).toEqual(['d1'])
  })

  test('after a lost answer what was sent is said again first: a component deleted since stays deleted', async () => {
    await saveWork(design('d1', ['x']))
    await sync()
    await addTo('d1', 'y')
    server.after = unreachable
    await expect(sync()).rejects.toThrow(ApiProblem)
    server.after = () => {}
    await dropFrom('d1', 'y')
    await sync()
    expect(names(await getDesign('d1'))).toEqual(['x'])
    expect(server.documents().d1?.components.map((one) => one.id)).toEqual(['x'])
  })

  test('a call repeated late has no effect', async () => {
    await saveWork(design('d1', ['x', 'y']))
    await sync()
    const late = server.calls[0]
    await dropFrom('d1', 'y')
    await sync()
    if (late) server.handle(structuredClone(late))
    expect(server.documents().d1?.components.map((one) => one.id)).toEqual(['x'])
  })

  test('an edit made while the call was away is kept and sent at once', async () => {
    await saveWork(design('d1', ['x']))
    let edited = false
    const post: typeof server.post = async (request) => {
      const answer = await server.post(request)
      if (!edited) await addTo('d1', 'meanwhile')
      edited = true
      return answer
    }
    await syncNow(post)
    expect(server.documents().d1?.components.map((one) => one.id)).toEqual(['meanwhile', 'x'])
    expect(await getDesign('d1')).toMatchObject({ dirty: false })
  })

  test('a refused design is kept and marked, does not block the others, and goes again after an edit', async () => {
    server.refuse = (pushed) => JSON.stringify(pushed.work).includes('bad')
    await saveWork(design('d1', ['bad']))
    await saveWork(design('d2', ['x']))
    await sync()
    expect(Object.keys(server.documents())).toEqual(['d2'])
    const row = await getDesign('d1')
    expect(row).toMatchObject({ dirty: true, rejected: { problem: { detail: 'd1 is bad' } } })
    expect(await countWaiting()).toBe(0)
    const calls = server.calls.length
    await syncIfWaiting(server.post)
    expect(server.calls.length).toBe(calls)
    await saveWork(design('d1', ['good']))
    await sync()
    expect(Object.keys(server.documents()).sort()).toEqual(['d1', 'd2'])
    expect(await getDesign('d1')).toMatchObject({ dirty: false, rejected: null })
  })

  test('a call refused as a whole is taken apart until the bad design is found', async () => {
    for (const id of ['d1', 'd2', 'd3']) await saveWork(design(id, [id === 'd2' ? 'bad' : 'x']))
    server.before = () => {
      const poisoned = JSON.stringify(server.calls.at(-1)).includes('bad')
      if (poisoned) throw new ApiProblem({ status: 413, title: 'Too large', detail: 'too large' }, { fromServer: true })
    }
    await sync()
    expect(Object.keys(server.documents()).sort()).toEqual(['d1', 'd3'])
    expect((await getDesign('d2'))?.rejected?.problem.status).toBe(413)
  })

  test('a 413 of something else than the server parks nothing', async () => {
    await saveWork(design('d1'))
    server.before = () => {
      throw new ApiProblem({ status: 413, title: '', detail: '' })
    }
    await expect(sync()).rejects.toThrow(ApiProblem)
    expect(await countWaiting()).toBe(1)
  })

  test('a design that is absent from an answer is not deleted', async () => {
    await saveWork(design('d1'))
    await sync()
    server.held.clear()
    await sync()
    expect((await listDesigns()).length).toBe(1)
  })

  test('an emptied phone gets everything back and deletes nothing', async () => {
    await saveWork(design('d1', ['x']))
    await sync()
    phones = {}
    await on('a')
    await sync()
    expect(names(await getDesign('d1'))).toEqual(['x'])
    await addTo('d1', 'y')
    await sync()
    expect(server.documents().d1?.components.map((one) => one.id)).toEqual(['x', 'y'])
  })
})

describe('a server that is not the one we knew', () => {
  test('restored from an old backup, with a new epoch: nothing is lost', async () => {
    await saveWork(design('d1', ['x']))
    await sync()
    const restore = server.backup()
    await addTo('d1', 'y')
    await saveWork(design('d2', ['z']))
    await sync()
    await on('b')
    await sync()
    await addTo('d1', 'b1')
    restore()
    await sync()
    await on('a')
    await sync()
    await on('b')
    await sync()
    for (const phone of ['a', 'b']) {
      await on(phone)
      expect(names(await getDesign('d1'))).toEqual(['b1', 'x', 'y'])
      expect(names(await getDesign('d2'))).toEqual(['z'])
      expect(await countWaiting()).toBe(0)
    }
  })

  test('empty: every design is sent again', async () => {
    for (let index = 0; index < 30; index += 1) await saveWork(design(`d${index}`, ['x']))
    await sync()
    server = new FakeServer()
    server.epoch = 'other'
    await sync()
    expect(Object.keys(server.documents())).toHaveLength(30)
  })

  test('restored without a new epoch: its numbers went back, which is noticed', async () => {
    await saveWork(design('d1', ['x']))
    await sync()
    const restore = server.backup()
    await addTo('d1', 'y')
    await sync()
    restore()
    server.epoch = 'e1'
    await sync()
    expect(names(await getDesign('d1'))).toEqual(['x', 'y'])
    expect(server.documents().d1?.components.map((one) => one.id)).toEqual(['x', 'y'])
  })
})

describe('commands', () => {
  test('asked offline, run once, after the design they mean', async () => {
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
    await saveWork(design('d1', [], 'asked for'))
    await sync()
    await saveWork(design('d2'))
    server.before = unreachable
    await expect(sync()).rejects.toThrow(ApiProblem)
    server.before = () => {}
    await saveWork(design('d2', ['x']))
    await enqueueCommand('train', 'd1')
    await sync()
    expect(server.calls.slice(-2).map((call) => call.commands?.length)).toEqual([1, 0])
    expect(server.started).toEqual(['train asked for'])
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

  test('asked of a restored server: run on what the phone has, not on the backup', async () => {
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

  test('wait until all designs have gone when these take several calls', async () => {
    for (let index = 0; index < 150; index += 1) await saveWork(design(`d${index}`))
    await enqueueCommand('compile', 'd149')
    await sync()
    expect(server.calls.map((call) => [call.designs?.length, call.commands?.length])).toEqual([
      [100, 0],
      [50, 1],
    ])
  })
})

test('several syncs at once are one after the other', async () => {
  await saveWork(design('d1', ['x']))
  await Promise.all([sync(), sync(), sync()])
  expect(server.calls.map((call) => call.designs?.length)).toEqual([1, 0, 0])
})

/** A small repeatable source of chance (mulberry32). */
function chance(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

test.each(Array.from({ length: 25 }, (_, seed) => seed))('three phones on a bad network lose nothing (seed %i)', async (seed) => {
  const random = chance(seed)
  const made = new Set<string>()
  const deleted = new Set<string>()
  const late: (() => void)[] = []
  const maybe = (share: number): boolean => random() < share
  server.before = () => {
    if (maybe(0.2)) unreachable()
  }
  server.after = () => {
    const call = structuredClone(server.calls.at(-1))
    if (call && maybe(0.2)) late.push(() => server.handle(call))
    if (maybe(0.25)) unreachable()
  }
  let restore = server.backup()
  for (let step = 0; step < 60; step += 1) {
    await on(['a', 'b', 'c'][Math.floor(random() * 3)] ?? 'a')
    const id = `d${Math.floor(random() * 3)}`
    const dice = random()
    if (dice < 0.4) {
      made.add(`${id} k${step}`)
      await addTo(id, `k${step}`)
    } else if (dice < 0.5) {
      const victim = names(await getDesign(id))[0]
      if (victim) {
        deleted.add(`${id} ${victim}`)
        await dropFrom(id, victim)
      }
    } else if (dice < 0.53) {
      restore = server.backup()
    } else if (dice < 0.55) {
      restore()
    } else {
      await sync().catch(() => {})
    }
    if (late.length > 0 && maybe(0.1)) late.shift()?.()
  }
  server.before = () => {}
  server.after = () => {}
  for (let round = 0; round < 3; round += 1) {
    for (const phone of ['a', 'b', 'c']) {
      await on(phone)
      await sync()
    }
  }
  const truth = Object.fromEntries(
    Object.entries(server.documents()).map(([id, { components }]) => [id, components.map((one) => one.id)]),
  )
  for (const phone of ['a', 'b', 'c']) {
    await on(phone)
    expect(Object.fromEntries((await listDesigns()).map((row) => [row.id, names(row)]))).toEqual(
      Object.fromEntries(Object.entries(truth).map(([id, ids]) => [id, [...ids].sort()])),
    )
  }
  for (const one of made) {
    const [id = '', component = ''] = one.split(' ')
    if (!deleted.has(one)) expect(truth[id]).toContain(component)
  }
})
