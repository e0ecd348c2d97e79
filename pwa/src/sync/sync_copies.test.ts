/** Servers and phones whose data was put back from a copy, or copied to another one. */
import { describe, expect, test } from 'vitest'
import { ApiProblem } from '../api/problem'
import { conflictsOf } from '../storage/conflicts'
import { withDatabase } from '../storage/database'
import { getDesign, listDesigns, removeDesign, saveWork } from '../storage/designs'
import { unreachable } from './fake_server'
import { countWaiting, syncNow } from './sync_session'
import {
  addTo,
  clientId,
  copyPhone,
  design,
  dropFrom,
  names,
  on,
  rename,
  renameOnBoth,
  server,
  startAfresh,
  sync,
} from './test_phones'

startAfresh()

const onServer = (id: string) => server.documents()[id]?.components.map((one) => one.id)
const nameOnServer = (id: string) => server.documents()[id]?.name

/** Both phones have d1 with component x; phone b is the one that runs. */
async function bothHave(): Promise<void> {
  await saveWork(design('d1', ['x']))
  await sync()
  await on('b')
  await sync()
}

describe('the folder of a server is copied back', () => {
  test('case 8: a design and a value that only one phone knew return, also after others have made more changes than were lost', async () => {
    await bothHave()
    const copyBack = server.backup({ newEpoch: false })
    await on('a')
    await rename('d1', 'renamed by a')
    await saveWork(design('d2', ['new']))
    await sync()
    copyBack()
    await on('b')
    for (const one of ['b1', 'b2', 'b3', 'b4']) {
      await addTo('d1', one)
      await sync()
    }
    expect(server.seq).toBeGreaterThan(3)
    await on('a')
    await sync()
    expect(nameOnServer('d1')).toBe('renamed by a')
    expect(onServer('d1')).toEqual(['b1', 'b2', 'b3', 'b4', 'x'])
    expect(onServer('d2')).toEqual(['new'])
    expect(await countWaiting()).toBe(0)
    await on('b')
    await sync()
    expect(await getDesign('d1')).toMatchObject({ dirty: false, work: { name: 'renamed by a' } })
  })

  test('case 8: a phone that changed nothing undoes nothing that others changed since', async () => {
    await bothHave()
    const copyBack = server.backup({ newEpoch: false })
    await addTo('d1', 'lost')
    await sync()
    await on('a')
    await sync()
    copyBack()
    await on('b')
    await rename('d1', 'newer')
    await dropFrom('d1', 'x')
    await rename('d1', 'newer')
    await sync()
    await on('a')
    await sync()
    expect(nameOnServer('d1')).toBe('newer')
    expect(onServer('d1')).toEqual(['lost'])
  })

  test('case 8: a value that another one replaced does not win where the folder is copied back twice', async () => {
    await bothHave()
    const copyBack = server.backup({ newEpoch: false })
    await on('a')
    await rename('d1', 'older')
    await sync()
    await on('b')
    await sync()
    await rename('d1', 'newer')
    await sync()
    copyBack()
    await on('a')
    await sync()
    await addTo('d1', 'y')
    await sync()
    copyBack()
    await sync()
    await on('b')
    await sync()
    expect(nameOnServer('d1')).toBe('newer')
    expect(onServer('d1')).toEqual(['x', 'y'])
    expect(await conflictsOf('d1')).toEqual([])
  })

  test('a version that both have, or that the server has a newer one of, is not sent', async () => {
    await bothHave()
    const copyBack = server.backup({ newEpoch: false })
    await saveWork(design('d2'))
    await sync()
    copyBack()
    server.calls = []
    await sync()
    expect(server.calls.flatMap((call) => call.designs).map((pushed) => [pushed?.id, pushed?.client_id])).toEqual([
      ['d2', undefined],
    ])
    expect(await getDesign('d2')).toMatchObject({ dirty: false })
    expect((await getDesign('d2'))?.report).toBeUndefined()
  })

  test('an edit made while its design is reported is sent with the base that the server has again', async () => {
    await bothHave()
    const copyBack = server.backup({ newEpoch: false })
    await addTo('d1', 'y')
    await sync()
    copyBack()
    server.after = () => {
      if (server.calls.length > 1) unreachable()
    }
    server.calls = []
    await expect(sync()).rejects.toThrow(ApiProblem)
    server.after = () => {}
    await dropFrom('d1', 'y')
    await sync()
    expect(onServer('d1')).toEqual(['x'])
  })

  test('a version of an older app, of which no vector is known, is reported rather than replaced', async () => {
    await bothHave()
    const copyBack = server.backup({ newEpoch: false })
    await addTo('d1', 'y')
    await sync()
    await withDatabase(async (db) => {
      const row = await db.get('designs', 'd1')
      if (row) await db.put('designs', { ...row, baseSeen: undefined })
    })
    copyBack()
    await sync()
    expect(onServer('d1')).toEqual(['x', 'y'])
    expect(names(await getDesign('d1'))).toEqual(['x', 'y'])
  })
})

test('case 4: a late copy of the first call changes nothing', async () => {
  await saveWork(design('d1', ['x', 'y']))
  await sync()
  const first = structuredClone(server.calls[0])
  expect(first?.epoch).toBeNull()
  await on('b')
  await sync()
  await dropFrom('d1', 'x')
  await rename('d1', 'newer')
  await sync()
  if (first) server.handle(first)
  expect(nameOnServer('d1')).toBe('newer')
  expect(onServer('d1')).toEqual(['y'])
})

describe('the storage of a phone is put back from a copy', () => {
  test('later edits under numbers that the server has seen reach it', async () => {
    await saveWork(design('d1', ['x']))
    await sync()
    const putBack = await copyPhone()
    await addTo('d1', 'first time')
    await sync()
    await putBack('a')
    await addTo('d1', 'second time')
    const before = await clientId()
    await sync()
    expect(onServer('d1')).toEqual(['first time', 'second time', 'x'])
    expect(await clientId()).not.toBe(before)
    expect(server.calls.at(-1)).toMatchObject({ device_id: await clientId(), former_device_ids: [before] })
    await sync()
    expect(server.calls.at(-1)?.former_device_ids).toBeUndefined()
    expect(await getDesign('d1')).toMatchObject({ dirty: false, sent: null })
    expect((await getDesign('d1'))?.forked).toBeUndefined()
  })

  test('a value set before is not put back to an older one, and is reported', async () => {
    await saveWork(design('d1', [], 'one'))
    await sync()
    await rename('d1', 'two')
    const putBack = await copyPhone()
    await sync()
    await rename('d1', 'three')
    await sync()
    await putBack('a')
    await addTo('d1', 'late')
    await sync()
    expect(nameOnServer('d1')).toBe('three')
    expect(onServer('d1')).toEqual(['late'])
    expect([...server.conflicts.values()].map(({ conflict }) => [conflict.path, conflict.mine, conflict.kept])).toEqual([
      ['/name', 'two', 'theirs'],
    ])
  })

  test('a conflict that it made before is delivered to its new device id as one of its own', async () => {
    await renameOnBoth()
    const putBack = await copyPhone()
    await sync()
    await putBack('a')
    await rename('d1', 'by a, later')
    await sync()
    const meta = await withDatabase((db) => db.get('meta', 'sync'))
    const [former] = meta?.formerDeviceIds ?? []
    const [first] = (await conflictsOf('d1')).toReversed()
    expect(server.conflicts.get(first?.id ?? '')?.conflict.device).toBe(former)
    expect(first).toMatchObject({ mine: 'by a', theirs: 'by b', kept: 'mine' })
  })

  test('an edit that was sent before is recognised under its old number, and no other design is sent as a copy', async () => {
    await saveWork(design('d1', ['x']))
    await saveWork(design('d2', [], 'one'))
    await sync()
    await rename('d2', 'two')
    const putBack = await copyPhone()
    await sync()
    await rename('d2', 'three')
    await addTo('d1', 'first time')
    await sync()
    await putBack('a')
    await addTo('d1', 'second time')
    await sync()
    expect(nameOnServer('d2')).toBe('three')
    expect(onServer('d1')).toEqual(['first time', 'second time', 'x'])
    expect(server.conflicts.size).toBe(0)
  })
})

test('two phones with one storage both keep their edits and become two clients', async () => {
  await saveWork(design('d1', ['x']))
  await saveWork(design('d2', ['x']))
  await sync()
  const clone = await copyPhone()
  await clone('b')
  for (const phone of ['a', 'b']) {
    await on(phone)
    for (const id of ['d1', 'd2']) await addTo(id, `${phone}1`)
  }
  for (const phone of ['a', 'b', 'a', 'b']) {
    await on(phone)
    await sync()
    await addTo('d1', `${phone}${server.calls.length}`)
  }
  for (const phone of ['a', 'b', 'a']) {
    await on(phone)
    await sync()
  }
  const ids = [await clientId()]
  await on('b')
  ids.push(await clientId())
  expect(new Set(ids).size).toBe(2)
  expect(onServer('d2')).toEqual(['a1', 'b1', 'x'])
  expect(onServer('d1')).toHaveLength(7)
  expect(names(await getDesign('d1'))).toEqual(onServer('d1'))
})

describe('deleted designs', () => {
  test('one that was restored while its delete was on the way stays', async () => {
    await saveWork(design('d1', ['x']))
    await sync()
    const row = await getDesign('d1')
    await removeDesign('d1')
    server.after = unreachable
    await expect(sync()).rejects.toThrow(ApiProblem)
    server.after = () => {}
    if (row) await saveWork(row.work)
    await sync()
    expect(onServer('d1')).toEqual(['x'])
    expect(server.conflicts.size).toBe(0)
    expect(names(await getDesign('d1'))).toEqual(['x'])
  })

  test('one that was deleted elsewhere while it was edited here returns with a conflict', async () => {
    await bothHave()
    await removeDesign('d1')
    await sync()
    await on('a')
    await addTo('d1', 'y')
    await sync()
    expect(onServer('d1')).toEqual(['x', 'y'])
    expect([...server.conflicts.values()].map(({ conflict, concerned }) => [conflict.path, concerned.size])).toEqual([['', 2]])
  })

  test('an unchanged one that was deleted elsewhere goes', async () => {
    await bothHave()
    await removeDesign('d1')
    await sync()
    await on('a')
    await sync()
    expect(await listDesigns()).toEqual([])
  })
})

test('an edit made during a call is sent with what was sent as its base, and what that was made from', async () => {
  await saveWork(design('d1', ['x'], 'Name'))
  await sync()
  const base = server.documents().d1
  const copyBack = server.backup({ newEpoch: false })
  await addTo('d1', 'y')
  let edited = false
  await syncNow(async (request) => {
    const answer = await server.post(request)
    if (!edited) {
      await addTo('d1', 'meanwhile')
      copyBack()
    }
    edited = true
    return answer
  })
  const pushed = server.calls.at(-1)?.designs?.[0]
  expect(pushed?.anchor).toEqual(base)
  expect(pushed?.base).toMatchObject({ components: [{ id: 'x' }, { id: 'y' }] })
  expect(onServer('d1')).toEqual(['meanwhile', 'x', 'y'])
})

test('edits made during two calls in a row are sent with the last version of the server as the anchor', async () => {
  await saveWork(design('d1', ['x'], 'Name'))
  await sync()
  const base = server.documents().d1
  await addTo('d1', 'y')
  let calls = 0
  await syncNow(async (request) => {
    const answer = await server.post(request)
    calls += 1
    if (calls < 3) await addTo('d1', `meanwhile${calls}`)
    return answer
  })
  const pushed = server.calls.at(-1)?.designs?.[0]
  expect(pushed?.anchor).toEqual(base)
  expect(pushed?.base).toMatchObject({ components: [{ id: 'x' }, { id: 'y' }, { id: 'meanwhile1' }] })
})
