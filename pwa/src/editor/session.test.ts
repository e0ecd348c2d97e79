import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { rename } from '../document/commands'
import { commit, documentStore, resetDocuments } from '../document/store'
import { sampleDesign } from '../document/test_designs'
import type { ModelArchitecture } from '../generated/wire'
import { pythonState, upgrade } from '../python/client'
import { PythonUnavailable } from '../python/queue'
import { sessionStore, startSession, wantDesign } from './session'

const phone = vi.hoisted(() => ({
  row: undefined as unknown as { work: ModelArchitecture; revision: number },
  saved: [] as { name: string; revision: number | undefined }[],
  release: [] as (() => void)[],
  changed: (_ids: string[]) => {},
}))

vi.mock('../storage/designs', () => {
  const storeWork = async (work: ModelArchitecture, revision?: number) => {
    await new Promise<void>((resolve) => phone.release.push(resolve))
    phone.saved.push({ name: work.name, revision })
    phone.row = { work, revision: phone.row.revision + 1 }
    return phone.row.revision
  }
  return {
    getDesign: async () => ({ ...phone.row, conflicts: [], rejected: null }),
    storeWork,
    saveWork: storeWork,
    onDesignsChanged: (hear: (ids: string[]) => void) => {
      phone.changed = hear
      return () => {}
    },
  }
})
vi.mock('../python/client', async () => {
  const { createStore } = await import('zustand/vanilla')
  return { pythonState: createStore(() => ({ status: 'loading' })), upgrade: vi.fn() }
})
vi.mock('../sync/sync', () => ({ syncSoon: vi.fn() }))

let stop: () => void

const edit = (name: string) => commit(rename(documentStore.getState().design as ModelArchitecture, { name }))
const storeNext = async () => {
  await vi.waitFor(() => expect(phone.release.length).toBeGreaterThan(0))
  phone.release.shift()?.()
}

beforeEach(async () => {
  resetDocuments()
  phone.row = { work: sampleDesign(), revision: 5 }
  phone.saved = []
  phone.release = []
  stop = startSession()
  await wantDesign(phone.row.work.id)
})
afterEach(async () => {
  const left = wantDesign(null)
  for (const release of phone.release) release()
  await left
  stop()
})

it('stores every edit, those made meanwhile together, each on the revision it stands on', async () => {
  edit('one')
  edit('two')
  edit('three')
  await storeNext()
  await storeNext()
  await vi.waitFor(() => expect(phone.saved).toHaveLength(2))
  expect(phone.saved).toEqual([
    { name: 'one', revision: 5 },
    { name: 'three', revision: 6 },
  ])
})

it('stores what was edited last although the design was closed meanwhile', async () => {
  edit('one')
  edit('two')
  void wantDesign(null)
  await storeNext()
  await storeNext()
  await vi.waitFor(() => expect(phone.saved.map(({ name }) => name)).toEqual(['one', 'two']))
})

it('takes over what sync stored, but not over an edit that is not stored yet', async () => {
  phone.row = { work: { ...phone.row.work, name: 'theirs' }, revision: 9 }
  phone.changed([phone.row.work.id])
  await vi.waitFor(() => expect(documentStore.getState().design?.name).toBe('theirs'))

  edit('mine')
  phone.row = { work: { ...phone.row.work, name: 'late' }, revision: 10 }
  phone.changed([phone.row.work.id])
  await storeNext()
  await vi.waitFor(() => expect(phone.saved).toHaveLength(1))
  expect(phone.saved[0]).toEqual({ name: 'mine', revision: 9 })
  expect(documentStore.getState().design?.name).toBe('mine')
})

describe('a design of an older version', () => {
  const old = (): ModelArchitecture => ({ ...sampleDesign(), id: 'old', schema_version: 0 })
  const open = () => documentStore.getState().design

  beforeEach(() => {
    phone.row = { work: old(), revision: 2 }
  })

  it('is written anew and stored before it is opened', async () => {
    vi.mocked(upgrade).mockResolvedValue({ ...sampleDesign(), id: 'old', name: 'upgraded' })
    const opening = wantDesign('old')
    await vi.waitFor(() => expect(phone.release).toHaveLength(1))
    expect(open()?.id).not.toBe('old')
    expect(sessionStore.getState()).toMatchObject({ phase: 'upgrading', id: 'old' })
    await storeNext()
    await opening
    expect(phone.saved).toEqual([{ name: 'upgraded', revision: 2 }])
    expect(open()).toMatchObject({ id: 'old', name: 'upgraded' })
    expect(sessionStore.getState()).toMatchObject({ phase: 'open', id: 'old' })
  })

  it('waits for Python where it could not start, and is not touched', async () => {
    vi.mocked(upgrade).mockRejectedValueOnce(new PythonUnavailable('503'))
    await wantDesign('old')
    expect(sessionStore.getState().problem).toMatch(/^Python could not start/)
    expect(phone.saved).toEqual([])
    vi.mocked(upgrade).mockResolvedValue({ ...sampleDesign(), id: 'old' })
    pythonState.setState({ status: 'ready' })
    await storeNext()
    await vi.waitFor(() => expect(open()?.id).toBe('old'))
  })
})
