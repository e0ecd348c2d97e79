import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { rename } from '../document/commands'
import { registerPending } from '../document/pending'
import { commit, documentStore, resetDocuments } from '../document/store'
import { sampleDesign } from '../document/test_designs'
import type { ModelArchitecture } from '../generated/wire'
import { pythonState, upgrade } from '../python/client'
import { PythonUnavailable } from '../python/queue'
import { unstored } from '../storage/unstored'
import { hasUnsavedEdits, keepUnsavedForReload, saveNow, sessionStore, startSession, wantDesign } from './session'

const phone = vi.hoisted(() => ({
  row: undefined as unknown as { work: ModelArchitecture; revision: number },
  removed: false,
  full: false,
  saved: [] as { name: string; revision: number | undefined }[],
  release: [] as (() => void)[],
  changed: (_ids: string[]) => {},
}))

vi.mock('../storage/designs', () => {
  const storeWork = async (work: ModelArchitecture, revision?: number) => {
    await new Promise<void>((resolve) => phone.release.push(resolve))
    if (phone.full) throw new Error('the phone cannot store it')
    phone.saved.push({ name: work.name, revision })
    phone.row = { work, revision: phone.row.revision + 1 }
    return phone.row.revision
  }
  return {
    getDesign: async () => (phone.removed ? undefined : { ...phone.row, conflicts: [], rejected: null }),
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
  phone.removed = false
  phone.full = false
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

describe('a design that is removed elsewhere while it is open', () => {
  const remove = async () => {
    phone.removed = true
    phone.changed([phone.row.work.id])
    await vi.waitFor(() => expect(sessionStore.getState().removed).not.toBeNull())
  }

  it('is closed with its last content, typed text included, and not stored again', async () => {
    const { id } = phone.row.work
    const stopTyping = registerPending(() => edit('typed'))
    await remove()
    stopTyping()
    expect(sessionStore.getState()).toMatchObject({ phase: 'closed', missing: true, removed: { id, name: 'typed' } })
    expect(documentStore.getState().design).toBeNull()
    expect([hasUnsavedEdits(), phone.release]).toEqual([false, []])
  })

  it('is opened again when it comes back', async () => {
    await remove()
    phone.removed = false
    phone.changed([phone.row.work.id])
    await vi.waitFor(() => expect(documentStore.getState().design?.id).toBe(phone.row.work.id))
    expect(sessionStore.getState()).toMatchObject({ phase: 'open', missing: false, removed: null })
  })

  it('stays open where it was edited here at the same time: the edit is stored', async () => {
    edit('one')
    phone.removed = true
    phone.changed([phone.row.work.id])
    await storeNext()
    await vi.waitFor(() => expect(phone.saved.map(({ name }) => name)).toEqual(['one']))
    expect(sessionStore.getState().removed).toBeNull()
  })
})

it('keeps an edit that cannot be stored over a reload, and stores it then', async () => {
  const kept = new Map<string, string>()
  vi.stubGlobal('sessionStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  })
  phone.full = true
  edit('one')
  const stored = saveNow()
  await storeNext()
  expect([await stored, hasUnsavedEdits()]).toEqual([false, true])
  keepUnsavedForReload()
  stop()
  unstored.clear()
  phone.full = false
  stop = startSession()
  await storeNext()
  await vi.waitFor(() => expect(phone.saved.map(({ name }) => name)).toEqual(['one']))
  expect(kept.size).toBe(0)
  vi.unstubAllGlobals()
})
