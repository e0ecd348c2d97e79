import { describe, expect, test } from 'vitest'
import { ApiProblem } from '../api/problem'
import { getDesign, listDesigns, saveWork } from '../storage/designs'
import { unreachable } from './fake_server'
import { countWaiting, syncIfWaiting, syncNow } from './sync_session'
import { addTo, design, dropFrom, emptyPhone, names, server, startAfresh, sync } from './test_phones'

startAfresh()

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

  test('after a lost response the same change is sent again first: a component deleted since stays deleted', async () => {
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

  test('a refused design is kept and marked, does not block the others, and is sent again after an edit', async () => {
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
    server.stored.clear()
    await sync()
    expect((await listDesigns()).length).toBe(1)
  })

  test('an emptied phone gets everything back and deletes nothing', async () => {
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
