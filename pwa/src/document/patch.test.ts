import { beforeEach, describe, expect, it } from 'vitest'
import type { ModelArchitecture } from '../generated/wire'
import * as commands from './commands'
import { groupInto, ungroup } from './contain'
import { edgeRefusal } from './edge_rules'
import { findComponent } from './edits'
import { holds, insideOf } from './inside'
import { inputsOf } from './order'
import { contestedParts, patchBetween, revertPatch } from './patch'
import {
  answerQuestion,
  closeQuestion,
  commit,
  documentStore,
  exportLogs,
  importLogs,
  openDocument,
  redo,
  replaceDocument,
  resetDocuments,
  undo,
  undoNewest,
} from './store'
import { containerType, passingBlock, placed, randomFrom, sampleDesign } from './test_designs'
import { sameValue } from './values'

const design = (): ModelArchitecture => {
  const open = documentStore.getState().design
  if (!open) throw new Error('nothing is open')
  return open
}

beforeEach(() => {
  resetDocuments()
  openDocument(sampleDesign())
})

const heads = (): unknown => findComponent(design(), 'c3')?.props.n_heads
const setHeads = (from: ModelArchitecture, value: unknown) => commands.setProperty(from, { id: 'c3', field: 'n_heads', value })
/** The other person's change, as it arrives by sync. */
const arrives = (change: commands.Change): void => replaceDocument(change.design)
const asked = () => documentStore.getState().question?.contested.map(({ path, before, now }) => ({ path, before, now }))

describe('undo of a name', () => {
  const nameIs = (): unknown => findComponent(design(), 'c3')?.name
  const name = (from: ModelArchitecture, value: string) => commands.nameBlock(from, { id: 'c3', name: value })

  it('takes back what was typed in one step, and asks where somebody else gave another name since', () => {
    commit(name(design(), 'E'))
    commit(name(design(), 'Encoder'))
    undo()
    expect(nameIs()).toBeUndefined()
    redo()
    expect(nameIs()).toBe('Encoder')
    arrives(name(design(), 'Theirs'))
    undo()
    expect(asked()).toEqual([{ path: '/components/c3/name', before: null, now: 'Theirs' }])
    answerQuestion('revert')
    expect(nameIs()).toBeUndefined()
    expect(design()).toEqual(sampleDesign())
  })
})

describe('undo after somebody else changed the same value', () => {
  beforeEach(() => {
    commit(setHeads(design(), 2))
    arrives(setHeads(design(), 8))
  })

  it('asks, and takes nothing back until it is answered', () => {
    undo()
    expect(heads()).toBe(8)
    expect(asked()).toEqual([{ path: '/components/c3/props/n_heads', before: undefined, now: 8 }])
    closeQuestion()
    expect(documentStore.getState().past).toHaveLength(1)
  })

  it('takes it back when confirmed, and redo applies it again', () => {
    undo()
    answerQuestion('revert')
    expect(heads()).toBeUndefined()
    redo()
    expect(heads()).toBe(8)
  })

  it('keeps it when declined, and does not ask about it again', () => {
    undo()
    answerQuestion('keep')
    expect(heads()).toBe(8)
    undo()
    expect(asked()).toBeUndefined()
    expect(documentStore.getState().past).toHaveLength(0)
  })

  it('asks about the value of now when another one arrives', () => {
    undo()
    arrives(setHeads(design(), 1))
    expect(asked()?.[0]?.now).toBe(1)
    arrives(setHeads(design(), 2))
    expect(asked()).toBeUndefined()
  })

  it('is not asked where the other person set back what it was', () => {
    arrives(setHeads(design(), undefined))
    undo()
    expect(asked()).toBeUndefined()
  })

  it('takes changes of one slider in two steps when a value arrived in between', () => {
    commit(setHeads(design(), 3))
    undo()
    expect(heads()).toBe(8)
  })
})

describe('undo of an added block', () => {
  const add = () => commit(placed(design(), { id: 'new', type: passingBlock(), x: 0, y: 900 }))

  it('removes it where nobody touched it, or only moved it', () => {
    add()
    arrives(commands.moveComponents(design(), { places: [{ id: 'new', x: 50, y: 900 }] }))
    undo()
    expect(findComponent(design(), 'new')).toBeUndefined()
  })

  it.each([
    ['changed', () => commands.setProperty(design(), { id: 'new', field: 'bias', value: false })],
    ['connected', () => commands.connect(design(), { source: 'c2', target: 'new' })],
  ])('asks where somebody %s it', (_, theirs) => {
    add()
    arrives(theirs())
    const before = design()
    undo()
    expect(asked()?.map(({ path }) => path)).toEqual(['/components/new'])
    answerQuestion('keep')
    expect(design()).toBe(before)
    expect(documentStore.getState().past).toHaveLength(0)
  })
})

describe('undo of a deletion', () => {
  it('restores the block and the wires that still fit', () => {
    const middle = design().components.find(
      ({ id }) => inputsOf(design(), id).length === 1 && design().edges.some(([from]) => from === id),
    )
    if (!middle) throw new Error('the sample has no block in a chain')
    const [source, target] = [inputsOf(design(), middle.id)[0], design().edges.find(([from]) => from === middle.id)?.[1]]
    commit(commands.removeComponents(design(), { ids: [middle.id] }))
    arrives(commands.removeComponents(design(), { ids: [target as string] }))
    undo()
    expect(findComponent(design(), middle.id)).toEqual(middle)
    expect(inputsOf(design(), middle.id)).toEqual([source])
  })

  it('leaves a wire out where the other person connected something else in its place', () => {
    const design0 = design()
    const last = design0.edges.find(([source]) => inputsOf(design0, source).length === 1)
    if (!last) throw new Error('the sample has no chain')
    const [source, target] = last
    commit(commands.removeComponents(design(), { ids: [source] }))
    const type = passingBlock()
    arrives(
      placed(design(), { id: 'theirs', type, x: 0, y: 2000, inside: insideOf(findComponent(design0, target) ?? { id: target }) }),
    )
    arrives(commands.connect(design(), { source: 'theirs', target }))
    const theirs = inputsOf(design(), target)
    undo()
    expect(findComponent(design(), source)).toBeDefined()
    expect(inputsOf(design(), target)).toEqual(expect.arrayContaining(theirs.filter((id) => id === 'theirs')))
  })
})

it('an undo that a message offers takes back no earlier edit where nothing is left of the newest', () => {
  commit(commands.rename(design(), { name: 'Mine' }))
  commit(commands.setProperty(design(), { id: 'c3', field: 'bias', value: false }))
  arrives(commands.removeComponents(design(), { ids: ['c3'] }))
  undoNewest()
  expect(design().name).toBe('Mine')
  undoNewest()
  expect(design().name).toBe(sampleDesign().name)
})

it('survives a reload as JSON', () => {
  const before = design()
  commit(setHeads(design(), 2))
  commit(commands.removeComponents(design(), { ids: ['c3'] }))
  const [after, logs] = [design(), JSON.stringify(exportLogs())]
  resetDocuments()
  importLogs(JSON.parse(logs))
  openDocument(after)
  undo()
  undo()
  expect(design()).toEqual(before)
  redo()
  redo()
  expect(design()).toEqual(after)
})

// --- random edits of two people ---

/** Every single thing of a design by its place, in which two people can differ. */
function flat(of: ModelArchitecture): Map<string, unknown> {
  const all = new Map<string, unknown>([['/name', of.name]])
  for (const [field, value] of Object.entries(of.meta)) all.set(`/meta/${field}`, value)
  for (const component of of.components) {
    const path = `/components/${component.id}`
    all.set(path, true).set(`${path}/inside`, insideOf(component)).set(`${path}/x`, component.x).set(`${path}/y`, component.y)
    for (const [field, value] of Object.entries(component.props)) all.set(`${path}/props/${field}`, value)
  }
  for (const [source, target] of of.edges) all.set(`${source} ${target}`, true)
  return all
}

const differences = (before: ModelArchitecture, after: ModelArchitecture): Map<string, unknown> => {
  const [old, now] = [flat(before), flat(after)]
  return new Map(
    [...new Set([...old.keys(), ...now.keys()])].flatMap((at) =>
      sameValue(old.get(at), now.get(at)) ? [] : [[at, old.get(at)]],
    ),
  )
}

type Random = () => number
const pick = <T>(random: Random, list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)]
let ids = 0

/** One edit as the app makes it; the same for both people. */
function randomChange(random: Random, from: ModelArchitecture): commands.Change {
  const id = pick(random, from.components)?.id ?? 'none'
  const other = pick(random, from.components)?.id ?? 'none'
  const kind = Math.floor(random() * 12)
  const number = Math.floor(random() * 4)
  if (kind <= 2) return commands.setProperty(from, { id, field: ['n_heads', 'bias'][number % 2] as string, value: number })
  if (kind === 3) return commands.setMeta(from, { field: 'n_heads', value: number })
  if (kind === 4) return commands.rename(from, { name: `name ${number}` })
  if (kind === 5) return commands.moveComponents(from, { places: [{ id, x: number * 10, y: number * 10 }] })
  if (kind === 6) {
    const inside = number === 0 ? (from.components.find(holds)?.id ?? null) : null
    return placed(from, { id: `n${++ids}`, type: passingBlock(), x: 0, y: 0, inside })
  }
  if (kind === 7) return commands.removeComponents(from, { ids: number === 0 ? [id, other] : [id] })
  if (kind === 8) return commands.connect(from, { source: id, target: other })
  if (kind === 9) {
    const [source, target] = pick(random, from.edges) ?? [id, other]
    return number === 0 ? commands.reorderInput(from, { target, source, by: 1 }) : commands.disconnect(from, { source, target })
  }
  if (kind === 10) return commands.reorder(from, { id, by: number % 2 ? 1 : -1 })
  const container = from.components.find(holds)
  if (container && number > 1) return ungroup(from, { id: container.id })
  return groupInto(from, { ids: [id], type: containerType(), newId: `g${++ids}` })
}

/** A design with its edges grouped by target: only the order of one target's edges means anything. */
const grouped = (of: ModelArchitecture): ModelArchitecture => ({
  ...of,
  edges: [...of.edges].sort(([, a], [, b]) => (a < b ? -1 : a > b ? 1 : 0)),
})

const seeds = Array.from({ length: 60 }, (_, seed) => seed + 1)

it.each(seeds)('undo and redo of own edits alone are exact, seed %i', (seed) => {
  const random = randomFrom(seed)
  const versions = [design()]
  for (let step = 0; step < 30; step++) {
    commit(randomChange(random, design()))
    if (!sameValue(grouped(design()), grouped(versions.at(-1) ?? design()))) versions.push(design())
    documentStore.setState({ merging: undefined })
  }
  for (const before of versions.slice(0, -1).reverse()) {
    undo()
    expect(grouped(design())).toEqual(grouped(before))
  }
  for (const after of versions.slice(1)) {
    redo()
    expect(grouped(design())).toEqual(grouped(after))
  }
})

/** What own edits left at each place. The other person may set the same value again, which cannot be distinguished. */
class Own {
  readonly left = new Map<string, unknown[]>()

  note(before: ModelArchitecture, after: ModelArchitecture): void {
    const now = flat(after)
    for (const at of differences(before, after).keys()) this.left.set(at, [...(this.left.get(at) ?? []), now.get(at)])
  }

  /** Places that a step changed though somebody else had changed them since. */
  violations(before: ModelArchitecture, after: ModelArchitecture): string[] {
    return [...differences(before, after)].flatMap(([at, was]) => {
      const moved = /\/[xy]$/.test(at) && !findComponent(after, at.split('/')[2] ?? '')
      return moved || this.left.get(at)?.some((value) => sameValue(value, was)) ? [] : [`${at} was ${JSON.stringify(was)}`]
    })
  }
}

function expectSound(of: ModelArchitecture): void {
  const present = new Set(of.components.map(({ id }) => id))
  expect(present.size).toBe(of.components.length)
  for (const component of of.components)
    expect(insideOf(component) === null || present.has(insideOf(component) as string)).toBe(true)
  for (const [source, target] of of.edges) {
    const without = commands.disconnect(of, { source, target }).design
    expect(edgeRefusal(without, source, target)).toBeUndefined()
  }
}

it.each(seeds)('undo changes nothing that only the other person changed, seed %i', (seed) => {
  const random = randomFrom(1000 + seed)
  const own = new Own()
  for (let step = 0; step < 60; step++) {
    const before = design()
    const kind = random()
    if (kind < 0.35) commit(randomChange(random, before))
    else if (kind < 0.6) arrives(randomChange(random, before))
    else {
      ;(random() < 0.7 ? undo : redo)()
      if (documentStore.getState().question) expect(design()).toBe(before)
      if (random() < 0.7) answerQuestion('keep')
      expect(own.violations(before, design())).toEqual([])
    }
    if (kind < 0.35 || kind >= 0.6) own.note(before, design())
    expectSound(design())
  }
})

it.each(seeds.slice(0, 50))('undo of what somebody changed since leaves a sound drawing when confirmed, seed %i', (seed) => {
  const random = randomFrom(2000 + seed)
  for (let step = 0; step < 60; step++) {
    const kind = random()
    if (kind < 0.4) commit(randomChange(random, design()))
    else if (kind < 0.6) arrives(randomChange(random, design()))
    else undo()
    answerQuestion('revert')
    expectSound(design())
  }
})

it('finds nothing contested in an edit that nobody touched', () => {
  const before = design()
  const after = commands.removeComponents(before, { ids: ['c3'] }).design
  const patch = patchBetween(before, after)
  expect(contestedParts(after, patch)).toEqual([])
  expect(revertPatch(after, patch)).toEqual(before)
})
