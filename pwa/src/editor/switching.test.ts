import { beforeEach, expect, it, vi } from 'vitest'
import { rename } from '../document/commands'
import { commitPending, registerPending } from '../document/pending'
import { commit, documentOf, documentStore, resetDocuments } from '../document/store'
import { sampleDesign } from '../document/test_designs'
import type { ModelArchitecture } from '../generated/wire'
import { sessionStore, startSession, wantDesign } from './session'

/** A disk and a Python whose every answer waits until the test lets it come, in any order of designs. */
const phone = vi.hoisted(() => ({
  rows: new Map<string, { work: ModelArchitecture; revision: number }>(),
  waiting: [] as (() => void)[],
  failing: false,
}))

const answer = <T>(work: () => T): Promise<T> =>
  new Promise((resolve, reject) => {
    phone.waiting.push(() => {
      try {
        resolve(work())
      } catch (error) {
        reject(error)
      }
    })
  })

vi.mock('../storage/designs', () => {
  const storeWork = (work: ModelArchitecture) =>
    answer(() => {
      if (phone.failing) throw new Error('the phone is full')
      phone.rows.set(work.id, { work, revision: 1 })
      return 1
    })
  return {
    getDesign: (id: string) =>
      answer(() => {
        const row = phone.rows.get(id)
        return row && { ...row, conflicts: [], rejected: null }
      }),
    storeWork,
    saveWork: storeWork,
    onDesignsChanged: () => () => {},
  }
})
vi.mock('../python/client', async () => {
  const { createStore } = await import('zustand/vanilla')
  return {
    pythonState: createStore(() => ({ status: 'ready' })),
    upgrade: (json: string) => answer(() => ({ ...JSON.parse(json), schema_version: sampleDesign().schema_version })),
  }
})
vi.mock('../sync/sync', () => ({ syncSoon: vi.fn() }))

/** Mulberry32: the same numbers for the same seed, from 0 to 1. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const IDS = Array.from({ length: 10 }, (_, index) => `d${index}`)
const OLD = ['d3', 'd7']

const flush = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
}

beforeEach(() => {
  resetDocuments()
  phone.waiting = []
  phone.failing = false
  for (const id of IDS) {
    const work = { ...sampleDesign(), id, name: `${id} as stored` }
    phone.rows.set(id, { work: OLD.includes(id) ? { ...work, schema_version: 0 } : work, revision: 1 })
  }
})

/** The newest name given to each design, and what a field still holds. */
class Person {
  readonly named = new Map<string, string>()
  private typed: { id: string; name: string } | undefined
  private count = 0

  constructor() {
    registerPending(() => {
      const { typed } = this
      this.typed = undefined
      if (typed) this.give(typed.id, typed.name)
    })
  }

  private give(id: string, name: string): void {
    const design = documentOf(id)
    if (design) commit(rename(design, { name }))
  }

  /** Change the open design at once, or leave the change in a field. */
  edit(inField: boolean): void {
    const id = documentStore.getState().design?.id
    if (!id) return
    const name = `${id} edit ${++this.count}`
    this.named.set(id, name)
    this.typed = inField ? { id, name } : undefined
    if (!inField) this.give(id, name)
  }
}

async function letOneCome(random: () => number): Promise<void> {
  phone.waiting.splice(Math.floor(random() * phone.waiting.length), 1)[0]?.()
  if (random() < 0.5) await flush()
}

async function settle(random: () => number): Promise<void> {
  await flush()
  while (phone.waiting.length > 0) {
    await letOneCome(random)
    await flush()
  }
}

async function switchAtRandom(seed: number, mayFail: boolean): Promise<{ wanted: string; named: Map<string, string> }> {
  const random = randomFrom(seed)
  const stop = startSession()
  const shownUnasked: string[] = []
  const stopLooking = documentStore.subscribe(({ design }, { design: before }) => {
    if (design && design.id !== before?.id && design.id !== sessionStore.getState().wanted) shownUnasked.push(design.id)
  })
  const person = new Person()
  for (let step = 0; step < 120; step++) {
    const dice = random()
    phone.failing = mayFail && random() < 0.3
    if (dice < 0.3) void wantDesign(random() < 0.1 ? null : (IDS[Math.floor(random() * IDS.length)] as string))
    else if (dice < 0.5) person.edit(random() < 0.3)
    else await letOneCome(random)
  }
  phone.failing = false
  const wanted = IDS[Math.floor(random() * IDS.length)] as string
  void wantDesign(wanted)
  await settle(random)
  commitPending()
  await settle(random)
  expect(sessionStore.getState()).toMatchObject({ phase: 'open', id: wanted, wanted })
  expect(documentStore.getState().design?.id).toBe(wanted)
  void wantDesign(null)
  await settle(random)
  stopLooking()
  stop()
  expect(shownUnasked).toEqual([])
  return { wanted, named: person.named }
}

const seeds = Array.from({ length: 60 }, (_, seed) => seed + 1)

it.each(seeds)('shows the design asked for last and loses no edit, however fast one switches (seed %i)', async (seed) => {
  const { named } = await switchAtRandom(seed, false)
  for (const [id, { work }] of phone.rows) expect(work).toMatchObject({ id, name: named.get(id) ?? `${id} as stored` })
})

it.each(seeds)('keeps an edit that the disk refused until it is stored (seed %i)', async (seed) => {
  const { named } = await switchAtRandom(seed, true)
  for (const [id, { work }] of phone.rows) expect(work).toMatchObject({ id, name: named.get(id) ?? `${id} as stored` })
})

it('opens a design again that was left and wanted back before it was stored', async () => {
  const stop = startSession()
  void wantDesign('d1')
  await settle(() => 0)
  commit(rename(documentOf('d1') as ModelArchitecture, { name: 'd1 edited' }))
  void wantDesign('d2')
  expect(documentStore.getState().design).toBeNull()
  void wantDesign('d1')
  await settle(() => 0)
  expect(documentStore.getState().design?.name).toBe('d1 edited')
  void wantDesign(null)
  await settle(() => 0)
  stop()
})

it('shows an edit that the disk refused when its design is opened again', async () => {
  const stop = startSession()
  void wantDesign('d1')
  await settle(() => 0)
  phone.failing = true
  commit(rename(documentOf('d1') as ModelArchitecture, { name: 'd1 edited' }))
  void wantDesign('d2')
  await settle(() => 0)
  void wantDesign('d1')
  await settle(() => 0)
  expect(documentStore.getState().design?.name).toBe('d1 edited')
  phone.failing = false
  void wantDesign(null)
  await settle(() => 0)
  expect(phone.rows.get('d1')?.work.name).toBe('d1 edited')
  stop()
})

it('leaves the upgrade of an old design as soon as another is wanted', async () => {
  const stop = startSession()
  void wantDesign('d3')
  await flush()
  phone.waiting.shift()?.()
  await flush()
  expect(sessionStore.getState().phase).toBe('upgrading')
  void wantDesign('d1')
  await flush()
  phone.waiting.splice(1, 1)[0]?.() // the row of d1, while Python still works on d3
  await flush()
  expect(documentStore.getState().design?.id).toBe('d1')
  void wantDesign(null)
  await settle(() => 0)
  stop()
})
