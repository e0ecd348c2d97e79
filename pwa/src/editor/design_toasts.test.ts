import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { beforeEach, expect, it, vi } from 'vitest'
import { sampleDesign } from '../document/test_designs'
import { closeDatabase } from '../storage/database'
import { removeDesign, saveWork } from '../storage/designs'
import { toastManager } from '../ui/toasts'
import { reportRemoved, reportRestored } from './design_toasts'

const work = sampleDesign()
const close = vi.spyOn(toastManager, 'close')

beforeEach(async () => {
  await closeDatabase()
  globalThis.indexedDB = new IDBFactory()
  close.mockClear()
})

it('closes the message of a removal when the design is restored, and that of a restoration when it is removed', async () => {
  await saveWork(work)
  await removeDesign(work.id)
  reportRemoved(work.id, 'Removed it')
  await saveWork({ ...work, id: 'other' })
  expect(close).not.toHaveBeenCalled()
  await saveWork(work)
  reportRestored(work.id, 'Restored it')
  await vi.waitFor(() => expect(close.mock.calls).toEqual([['Removed it']]))
  await removeDesign(work.id)
  await vi.waitFor(() => expect(close.mock.calls).toEqual([['Removed it'], ['Restored it']]))
})
