/** Conflicts from the server that keeps them to the phones concerned. */
import { expect, test } from 'vitest'
import { ApiProblem } from '../api/problem'
import { conflictsOf, openConflicts, queueResolution } from '../storage/conflicts'
import { withDatabase } from '../storage/database'
import { dismissConflicts, getDesign, listDesigns, saveWork } from '../storage/designs'
import { unreachable } from './fake_server'
import { syncNow } from './sync_session'
import { addTo, copyPhone, design, names, on, rename, renameOnBoth, server, startAfresh, sync } from './test_phones'

startAfresh()

const waiting = () => [...server.conflicts.values()].map(({ waitsFor }) => waitsFor.size)

test('case 19: a conflict reaches both phones, each with its own value as mine, and is acknowledged', async () => {
  await renameOnBoth()
  await sync()
  expect(await conflictsOf('d1')).toMatchObject([{ path: '/name', mine: 'by a', theirs: 'by b', kept: 'mine', dismissed: false }])
  expect(waiting()).toEqual([1])
  await on('b')
  await sync()
  expect(await conflictsOf('d1')).toMatchObject([{ path: '/name', mine: 'by b', theirs: 'by a', kept: 'theirs' }])
  expect(waiting()).toEqual([0])
  expect((await getDesign('d1'))?.conflicts).toMatchObject([{ mine: 'by b', kept: 'theirs' }])
  expect((await listDesigns())[0]?.conflicts).toHaveLength(1)
})

test('case 2: a conflict whose answer was lost is delivered until it is acknowledged', async () => {
  await renameOnBoth()
  server.after = unreachable
  for (let call = 0; call < 3; call += 1) await expect(sync()).rejects.toThrow(ApiProblem)
  expect(await conflictsOf('d1')).toEqual([])
  server.after = () => {}
  await sync()
  expect(await conflictsOf('d1')).toHaveLength(1)
})

test('a conflict is acknowledged only once it is stored', async () => {
  await renameOnBoth()
  let answers = 0
  await expect(
    syncNow(async (request) => {
      const answer = await server.post(request)
      answers += 1
      if (answers === 2) unreachable()
      return answer
    }),
  ).rejects.toThrow(ApiProblem)
  expect(server.calls.map((call) => call.acknowledged?.length).slice(-2)).toEqual([0, 1])
  expect((await withDatabase((db) => db.getAll('conflicts'))).map((one) => one.acknowledged)).toEqual([false])
  await sync()
  expect((await withDatabase((db) => db.getAll('conflicts'))).map((one) => one.acknowledged)).toEqual([true])
})

test('a choice is sent with its edit, as seen by the server, and delivered to the other phone', async () => {
  await renameOnBoth()
  await sync()
  await on('b')
  await sync()
  const [conflict] = await conflictsOf('d1')
  await dismissConflicts('d1')
  await rename('d1', 'by b')
  await queueResolution(conflict?.id ?? '', 'mine')
  expect(await conflictsOf('d1')).toMatchObject([{ resolved: 'mine', resolvedBy: '', dismissed: true }])
  server.before = unreachable
  await expect(sync()).rejects.toThrow(ApiProblem)
  server.before = () => {}
  await sync()
  expect(server.calls.at(-1)).toMatchObject({ resolved: [{ id: conflict?.id, choice: 'theirs' }], designs: [{ id: 'd1' }] })
  await sync()
  expect(server.calls.at(-1)?.resolved).toEqual([])
  await on('a')
  await dismissConflicts('d1')
  await sync()
  expect(await conflictsOf('d1')).toMatchObject([{ resolved: 'theirs', mine: 'by a', dismissed: false }])
  expect((await getDesign('d1'))?.work.name).toBe('by b')
  expect(waiting()).toEqual([0])
})

test('a choice waits while its edit is not sent', async () => {
  await renameOnBoth()
  await sync()
  const [conflict] = await conflictsOf('d1')
  server.refuse = () => true
  await rename('d1', 'refused')
  await queueResolution(conflict?.id ?? '', 'theirs')
  await sync()
  await sync()
  expect(server.calls.at(-1)?.resolved).toEqual([])
  server.refuse = () => false
  await rename('d1', 'by b')
  await sync()
  expect(server.conflicts.get(conflict?.id ?? '')?.conflict.resolved).toBe('theirs')
})

test('the first choice stands where both phones choose', async () => {
  await renameOnBoth()
  await sync()
  const [conflict] = await conflictsOf('d1')
  await on('b')
  await sync()
  await queueResolution(conflict?.id ?? '', 'mine')
  await sync()
  await on('a')
  await queueResolution(conflict?.id ?? '', 'mine')
  await sync()
  await sync()
  expect(await conflictsOf('d1')).toMatchObject([{ resolved: 'theirs', dismissed: false }])
  expect(server.calls.at(-1)?.resolved).toEqual([])
})

test('a choice whose design is refused waits with it', async () => {
  await renameOnBoth()
  await sync()
  const [conflict] = await conflictsOf('d1')
  server.refuse = () => true
  await rename('d1', 'by b')
  await queueResolution(conflict?.id ?? '', 'theirs')
  await sync()
  expect([...server.conflicts.values()].map((one) => one.conflict.resolved)).toEqual([undefined])
  server.refuse = () => false
  await rename('d1', 'by b again')
  await sync()
  expect([...server.conflicts.values()].map((one) => one.conflict.resolved)).toEqual(['theirs'])
})

test('case 8: a conflict that the server lost is reported by the phone that has it, and reaches the other', async () => {
  await saveWork(design('d1', ['x'], 'One'))
  await sync()
  const copyBack = server.backup({ newEpoch: false })
  await on('b')
  await sync()
  await on('a')
  await rename('d1', 'by a')
  await sync()
  await on('b')
  await rename('d1', 'by b')
  await sync()
  copyBack()
  await on('a')
  await sync()
  await on('b')
  await sync()
  expect((await getDesign('d1'))?.work.name).toBe('by b')
  await on('a')
  await sync()
  expect(await conflictsOf('d1')).toMatchObject([{ path: '/name', mine: 'by a', theirs: 'by b' }])
  expect(waiting()).toEqual([0])
})

test('case 8: a phone reports all conflicts that a server lost in one sync, however many', async () => {
  await renameOnBoth()
  await sync()
  const [kept] = await withDatabase((db) => db.getAll('conflicts'))
  if (!kept) throw new Error('no conflict')
  const ids = Array.from({ length: 250 }, (_, number) => `many${number}`)
  await withDatabase(async (db) => {
    for (const id of ids) await db.put('conflicts', { ...kept, id })
  })
  server.conflicts.clear()
  server.epoch = 'another'
  await sync()
  expect([...server.conflicts.keys()].sort()).toEqual([...ids, kept.id].sort())
})

test('case 8: a conflict that no phone concerned had yet is kept by another that has the merged design', async () => {
  await renameOnBoth()
  await on('c')
  await sync()
  const copyBack = server.backup({ newEpoch: false })
  await on('a')
  server.after = unreachable
  for (let call = 0; call < 2; call += 1) await expect(sync()).rejects.toThrow(ApiProblem)
  server.after = () => {}
  await on('c')
  await sync()
  expect((await getDesign('d1'))?.work.name).toBe('by a')
  expect(await conflictsOf('d1')).toEqual([])
  expect((await getDesign('d1'))?.conflicts).toEqual([])
  copyBack()
  await sync()
  await on('b')
  await sync()
  expect(await conflictsOf('d1')).toMatchObject([{ mine: 'by b', theirs: 'by a' }])
  await on('a')
  await sync()
  expect(await conflictsOf('d1')).toMatchObject([{ mine: 'by a', theirs: 'by b' }])
  expect(waiting()).toEqual([0])
})

test('a conflict reaches both copies of a phone, and each knows its own value', async () => {
  await saveWork(design('d1', ['x'], 'One'))
  await sync()
  const putOn = await copyPhone()
  await rename('d1', 'by a')
  await sync()
  await putOn('clone')
  await rename('d1', 'by clone')
  await sync()
  await sync()
  expect(await conflictsOf('d1')).toMatchObject([{ mine: 'by clone', theirs: 'by a' }])
  await on('a')
  await sync()
  expect(await conflictsOf('d1')).toMatchObject([{ mine: 'by a', theirs: 'by clone' }])
})

test('what a phone was sent before its storage was put back is delivered to it again', async () => {
  await renameOnBoth()
  const putOn = await copyPhone()
  await sync()
  const [conflict] = await conflictsOf('d1')
  await addTo('d1', 'after the copy')
  await sync()
  await putOn('a')
  await addTo('d1', 'again')
  await sync()
  await sync()
  expect((await conflictsOf('d1')).map(({ id }) => id)).toContain(conflict?.id)
})

test('a dismissed conflict stays in the history of its design', async () => {
  await renameOnBoth()
  await sync()
  await dismissConflicts('d1')
  expect((await getDesign('d1'))?.conflicts).toEqual([])
  expect((await openConflicts()).size).toBe(0)
  expect(await conflictsOf('d1')).toHaveLength(1)
})

test('conflicts of a server that keeps none are stored with the design', async () => {
  await renameOnBoth()
  await syncNow(async (request) => {
    const { conflicts: _, ...answer } = await server.post(request)
    return answer as Awaited<ReturnType<typeof server.post>>
  })
  expect(await conflictsOf('d1')).toEqual([])
  expect((await getDesign('d1'))?.conflicts).toMatchObject([{ path: '/name', mine: 'by a' }])
  await dismissConflicts('d1')
  await addTo('d1', 'y')
  expect((await getDesign('d1'))?.conflicts).toEqual([])
  expect(names(await getDesign('d1'))).toEqual(['x', 'y'])
})
