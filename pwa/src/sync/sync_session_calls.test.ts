import { describe, expect, test, vi } from 'vitest'
import { ApiProblem } from '../api/problem'
import { getDesign, listDesigns, saveWork } from '../storage/designs'
import { unreachable } from './fake_server'
import { countWaiting, syncIfWaiting, syncNow } from './sync_session'
import { addTo, design, dropFrom, emptyPhone, names, on, server, startAfresh, sync } from './test_phones'

startAfresh()

describe('calls that go wrong', () => {
  test('case 1: a lost request changes nothing and is sent again', async () => {
    await saveWork(design('d1', ['x']))
    server.before = unreachable
    await expect(sync()).rejects.toThrow(ApiProblem)
    expect(await countWaiting()).toBe(1)
    server.before = () => {}
    await sync()
    expect(Object.keys(server.documents())).toEqual(['d1'])
  })

  test('case 2: after a lost response the same change is sent again first: a component deleted since stays deleted', async () => {
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

  test('case 4: a call repeated late has no effect', async () => {
    await saveWork(design('d1', ['x', 'y']))
    await sync()
    const late = server.calls[0]
    await dropFrom('d1', 'y')
    await sync()
    if (late) server.handle(structuredClone(late))
    expect(server.documents().d1?.components.map((one) => one.id)).toEqual(['x'])
  })

  test('an edit made during the call is kept and sent at once', async () => {
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

  test('case 22: a refused design is kept and marked, does not block the others, and is sent again after an edit', async () => {
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

  test('case 22: a call refused as a whole is taken apart until the bad design is found', async () => {
    for (const id of ['d1', 'd2', 'd3']) await saveWork(design(id, [id === 'd2' ? 'bad' : 'x']))
    server.before = () => {
      const poisoned = JSON.stringify(server.calls.at(-1)).includes('bad')
      if (poisoned) throw new ApiProblem({ status: 413, title: 'Too large', detail: 'too large' }, { fromServer: true })
    }
    await sync()
    expect(Object.keys(server.documents()).sort()).toEqual(['d1', 'd3'])
    expect((await getDesign('d2'))?.rejected?.problem.status).toBe(413)
  })

  test('case 6: half an answer stores nothing, and the same change is sent again', async () => {
    await saveWork(design('d1', ['x']))
    const answer = JSON.stringify(server.handle({ designs: [] }))
    vi.stubGlobal('fetch', async () => new Response(answer.slice(0, -20), { headers: { 'content-type': 'application/json' } }))
    await expect(syncNow()).rejects.toMatchObject({ kind: 'broken' })
    vi.unstubAllGlobals()
    expect(await getDesign('d1')).toMatchObject({ dirty: true, base: null, epoch: null })
    await sync()
    expect(Object.keys(server.documents())).toEqual(['d1'])
  })

  test.each([401, 403, 404, 429, 500, 503])('cases 21 and 23: a call answered with %i parks nothing', async (status) => {
    await saveWork(design('d1', ['x']))
    await addTo('d1', 'y')
    server.before = () => {
      throw new ApiProblem({ status, title: 'No', detail: '' }, { fromServer: true })
    }
    await expect(sync()).rejects.toThrow(ApiProblem)
    expect(await countWaiting()).toBe(1)
    expect(await getDesign('d1')).toMatchObject({ dirty: true, rejected: null })
    server.before = () => {}
    await sync()
    expect(server.documents().d1?.components.map((one) => one.id)).toEqual(['x', 'y'])
  })

  test('case 25: 500 designs changed here and there while the phone was away all arrive, in calls of which some are lost', async () => {
    const ids = Array.from({ length: 500 }, (_, index) => `d${index}`)
    for (const id of ids) await saveWork(design(id, ['x']))
    await sync()
    await on('b')
    await sync()
    for (const id of ids) await addTo(id, 'b1')
    await sync()
    await on('a')
    for (const id of ids) await addTo(id, 'a1')
    let calls = 0
    server.after = () => {
      calls += 1
      if (calls % 2 === 0) unreachable()
    }
    for (let tries = 0; tries < 20 && (await countWaiting()) > 0; tries += 1) await sync().catch(() => {})
    server.after = () => {}
    await sync()
    for (const phone of ['b', 'a']) {
      await on(phone)
      await sync()
      const rows = await listDesigns()
      expect(rows.map((row) => row.id).sort()).toEqual([...ids].sort())
      expect(rows.every((row) => names(row).join() === 'a1,b1,x' && !row.dirty)).toBe(true)
    }
    expect(server.conflicts.size).toBe(0)
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
    server.stored.clear()
    await sync()
    expect((await listDesigns()).length).toBe(1)
  })

  test('case 14: an emptied phone gets everything back and deletes nothing', async () => {
    await saveWork(design('d1', ['x']))
    await sync()
    await emptyPhone('a')
    await sync()
    expect(names(await getDesign('d1'))).toEqual(['x'])
    await addTo('d1', 'y')
    await sync()
    expect(server.documents().d1?.components.map((one) => one.id)).toEqual(['x', 'y'])
  })
})
