import { describe, expect, test } from 'vitest'
import { withDatabase } from '../storage/database'
import { getDesign, listDesigns, removeDesign, saveWork } from '../storage/designs'
import { countWaiting } from './sync_session'
import { addTo, design, names, on, replaceServer, server, startAfresh, sync } from './test_phones'

startAfresh()

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

  test('case 16: a delete of what the other has edited brings the edited design back', async () => {
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

  test('case 9: empty: every design is sent again', async () => {
    for (let index = 0; index < 30; index += 1) await saveWork(design(`d${index}`, ['x']))
    await sync()
    replaceServer('other')
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

test('case 11: several syncs at once are one after the other', async () => {
  await saveWork(design('d1', ['x']))
  await Promise.all([sync(), sync(), sync()])
  expect(server.calls.map((call) => call.designs?.length)).toEqual([1, 0, 0])
})
