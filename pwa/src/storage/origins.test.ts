/** Edits made after the browser emptied the database while a design was open. */
import { expect, test } from 'vitest'
import { addTo, design, dropFrom, emptyPhone, names, on, server, startAfresh, sync } from '../sync/test_phones'
import { getDesign, removeDesign, saveWork } from './designs'
import { forgetOrigins, originOf, rememberOrigin } from './origins'
import { blankRow } from './rows'

startAfresh()

const onServer = () => server.documents().d1?.components.map((one) => one.id)

/** Phone a shows a synced design with x and y; since then phone b removed y and added b1. */
async function shownOnA(): Promise<number> {
  await saveWork(design('d1', ['x', 'y'], 'Name'))
  await sync()
  const revision = (await getDesign('d1'))?.revision ?? 0
  await on('b')
  await sync()
  await addTo('d1', 'b1')
  await dropFrom('d1', 'y')
  await saveWork(design('d1', ['b1', 'x'], 'By b'))
  await sync()
  return revision
}

test('case 14: an edit after the database was emptied has its true base: no false conflict, nothing undone', async () => {
  const revision = await shownOnA()
  await emptyPhone('a')
  await saveWork(design('d1', ['a1', 'x', 'y'], 'Name'), revision)
  await sync()
  expect(onServer()).toEqual(['a1', 'b1', 'x'])
  expect(server.documents().d1?.name).toBe('By b')
  expect(server.conflicts.size).toBe(0)
  expect(server.calls.at(-1)?.designs?.[0]?.base).toMatchObject({ name: 'Name' })
})

test('also where sync has filled the database again before the edit', async () => {
  const revision = await shownOnA()
  await emptyPhone('a')
  await sync()
  await saveWork(design('d1', ['a1', 'x', 'y'], 'Name'), revision)
  await sync()
  expect(onServer()).toEqual(['a1', 'b1', 'x'])
  expect(server.conflicts.size).toBe(0)
})

test('edits after that one go on from it', async () => {
  const revision = await shownOnA()
  await emptyPhone('a')
  const next = await saveWork(design('d1', ['a1', 'x', 'y'], 'Name'), revision)
  await saveWork(design('d1', ['a1', 'a2', 'x', 'y'], 'Name'), next)
  await sync()
  expect(onServer()).toEqual(['a1', 'a2', 'b1', 'x'])
  expect(names(await getDesign('d1'))).toEqual(onServer())
})

test('case 14: an emptied database pushes no deletion', async () => {
  await shownOnA()
  await emptyPhone('a')
  await sync()
  expect(server.calls.at(-1)?.designs).toEqual([])
  expect(onServer()).toEqual(['b1', 'x'])
})

test('restoring a design that was deleted here brings it back without a conflict', async () => {
  await shownOnA()
  await on('a')
  await sync()
  const row = await getDesign('d1')
  await removeDesign('d1')
  await sync()
  expect(onServer()).toBeUndefined()
  if (row) await saveWork(row.work)
  await sync()
  expect(onServer()).toEqual(['b1', 'x'])
  expect(server.conflicts.size).toBe(0)
})

test('old revisions and designs are forgotten', () => {
  for (let revision = 0; revision < 10; revision += 1) rememberOrigin({ ...blankRow(design('many')), revision })
  expect([originOf('many', 1), originOf('many', 2)?.base]).toEqual([undefined, null])
  for (let number = 0; number < 50; number += 1) rememberOrigin({ ...blankRow(design(`other${number}`)), revision: 0 })
  expect(originOf('many', 9)).toBeUndefined()
  forgetOrigins('other49')
  expect(originOf('other49', 0)).toBeUndefined()
})
