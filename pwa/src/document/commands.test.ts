import { describe, expect, it } from 'vitest'
import type { Component, ModelArchitecture } from '../generated/wire'
import { blockKinds, nameOf, plainVersion, schemaVersion } from './catalogue'
import * as commands from './commands'
import { applyEdits, findComponent, hasEdge } from './edits'
import { nameIn } from './names'
import { readingOrder } from './order'
import { passingBlock, placed, randomFrom, sampleDesign } from './test_designs'

const pick = <T>(list: readonly T[], random: () => number): T => list[Math.floor(random() * list.length)] as T

/** One random command on a design. */
function randomChange(design: ModelArchitecture, random: () => number, number: number): commands.Change {
  const id = design.components.length > 0 ? pick(design.components, random).id : 'none'
  const other = design.components.length > 0 ? pick(design.components, random).id : 'none'
  const place = { x: Math.round(random() * 400), y: Math.round(random() * 900) }
  const choices: (() => commands.Change)[] = [
    () => placed(design, { id: `n${number}`, type: pick(blockKinds, random).type, ...place }),
    () => commands.moveComponents(design, { places: [{ id, ...place }] }),
    () => commands.connect(design, { source: id, target: other }),
    () => commands.disconnect(design, { source: id, target: other }),
    () => commands.setProperty(design, { id, field: 'bias', value: random() < 0.3 ? undefined : random() < 0.5 }),
    () => commands.removeComponents(design, { ids: [id, other] }),
    () => commands.rename(design, { name: `Name ${number}` }),
    () => commands.nameBlock(design, { id, name: random() < 0.3 ? '' : `Block ${number}` }),
    () => commands.setMeta(design, { field: 'd_model', value: 8 * Math.ceil(random() * 20) }),
    () => commands.reorder(design, { id, by: random() < 0.5 ? 1 : -1 }),
    () => commands.reorderInput(design, { target: id, source: other, by: 1 }),
    () =>
      commands.applyFix(design, {
        fix: { action: 'add_edge', source: id, target: other, label: '', label_code: '', label_params: {} },
        newId: `f${number}`,
      }),
    () =>
      commands.applyFix(design, {
        fix: {
          action: 'add_component',
          type: pick(blockKinds, random).type,
          source: id,
          target: other,
          props: {},
          label: '',
          label_code: '',
          label_params: {},
        },
        newId: `g${number}`,
      }),
  ]
  return pick(choices, random)()
}

/** Whether a design is of the version that it needs, as `version_of` in `shared_py/design.py` says. */
const isInItsVersion = ({ schema_version, components }: ModelArchitecture) =>
  schema_version === (components.some(({ name }) => name !== undefined) ? schemaVersion : plainVersion)

const noDanglingEdges = (design: ModelArchitecture) =>
  design.edges.every(([source, target]) => findComponent(design, source) && findComponent(design, target))

describe('every command', () => {
  it('is undone exactly by its inverse, and redone exactly by the inverse of that', () => {
    for (let seed = 1; seed <= 60; seed++) {
      const random = randomFrom(seed)
      let design = sampleDesign()
      for (let number = 0; number < 40; number++) {
        const { design: next, inverse } = randomChange(design, random, number)
        expect(isInItsVersion(next)).toBe(true)
        const back = applyEdits(next, inverse)
        expect(back.design).toEqual(design)
        expect(applyEdits(back.design, back.inverse).design).toEqual(next)
        expect(noDanglingEdges(next)).toBe(true)
        design = next
      }
    }
  })

  it('leaves the design it was given as it was', () => {
    const random = randomFrom(7)
    const design = sampleDesign()
    const before = structuredClone(design)
    for (let number = 0; number < 200; number++) randomChange(design, random, number)
    expect(design).toEqual(before)
  })
})

describe('single commands', () => {
  it('gives new components ids that are free and well formed', () => {
    const design = sampleDesign()
    const id = commands.newComponentId(design)
    expect(id).toMatch(/^[a-z][a-z0-9_]{0,63}$/)
    expect(findComponent(design, id)).toBeUndefined()
  })

  it('does not choose an id twice on phones that start from the same design', () => {
    const design = sampleDesign()
    // of 100 ids with two letters about nine pairs are the same; with six, one pair in 30,000 runs of this test
    const ids = new Set(Array.from({ length: 100 }, () => commands.newComponentId(design)))
    expect(ids.size).toBe(100)
  })

  it('joins the neighbours of a removed block', () => {
    const design = sampleDesign()
    const [, second, third, fourth] = readingOrder(design) as [Component, Component, Component, Component]
    const { design: next } = commands.removeComponents(design, { ids: [third.id] })
    expect(hasEdge(next, second.id, fourth.id)).toBe(true)
  })

  it('swaps a block with its neighbour, edges and place alike', () => {
    const design = sampleDesign()
    const [first, second, third, fourth] = readingOrder(design) as [Component, Component, Component, Component]
    const { design: next } = commands.reorder(design, { id: fourth.id, by: -1 })
    expect(readingOrder(next).map(({ id }) => id)).toEqual([
      first.id,
      second.id,
      fourth.id,
      third.id,
      ...readingOrder(design)
        .slice(4)
        .map(({ id }) => id),
    ])
    expect(hasEdge(next, second.id, fourth.id)).toBe(true)
    expect(hasEdge(next, fourth.id, third.id)).toBe(true)
  })

  it('does not move a block past the input or the output', () => {
    const design = sampleDesign()
    const order = readingOrder(design)
    expect(commands.reorderPartner(design, order[0]?.id ?? '', 1)).toBeUndefined()
    expect(commands.reorderPartner(design, order.at(-1)?.id ?? '', -1)).toBeUndefined()
    expect(commands.reorderPartner(design, order[1]?.id ?? '', -1)).toBeUndefined()
  })

  it('lets a new edge take the place of the old one where a block is full', () => {
    const design = sampleDesign()
    const [, second, third, fourth] = readingOrder(design) as [Component, Component, Component, Component]
    const { design: next, summary } = commands.connect(design, { source: second.id, target: fourth.id })
    expect(hasEdge(next, second.id, fourth.id)).toBe(true)
    expect(hasEdge(next, third.id, fourth.id)).toBe(false)
    expect(summary).toContain('in place of')
  })

  it('puts a fix between the two blocks it names', () => {
    const design = sampleDesign()
    const [source, target] = design.edges[2] as [string, string]
    const fix = {
      action: 'add_component' as const,
      type: passingBlock(),
      source,
      target,
      props: {},
      label: '',
      label_code: '',
      label_params: {},
    }
    const { design: next } = commands.applyFix(design, { fix, newId: 'new' })
    expect(hasEdge(next, source, target)).toBe(false)
    expect(hasEdge(next, source, 'new') && hasEdge(next, 'new', target)).toBe(true)
  })

  it('moves a component to the edges that a fix names, and undoes it', () => {
    const design = sampleDesign()
    const fix = {
      action: 'move_component' as const,
      component_id: 'c4',
      label: 'Move after Embedding',
      label_code: '',
      label_params: {},
      source: 'c2',
      target: 'c3',
      cut: [
        ['c2', 'c3'],
        ['c3', 'c4'],
        ['c4', 'c5'],
      ] as [string, string][],
      join: [
        { source: 'c4', target: 'c3', at: 1 },
        { source: 'c3', target: 'c5', at: 2 },
        { source: 'c2', target: 'c4', at: 5 },
      ],
    }
    const done = commands.applyFix(design, { fix, newId: 'new' })
    expect(readingOrder(done.design).map(({ id }) => id)).toEqual(['c1', 'c2', 'c4', 'c3', 'c5', 'c6', 'c7'])
    expect(done.summary).toBe('Moved Transformer layer 2 after Embedding')
    expect(new Set(done.design.components.map(({ x, y }) => `${x} ${y}`)).size).toBe(design.components.length)
    expect(applyEdits(done.design, done.inverse).design).toEqual(design)
  })

  it('makes a block another one with its id and its edges, and undoes it', () => {
    const design = sampleDesign()
    const fix = {
      action: 'replace_block' as const,
      component_id: 'c4',
      type: passingBlock(),
      label: '',
      props: {},
      label_code: '',
      label_params: {},
    }
    const done = commands.applyFix(design, { fix, newId: 'new' })
    expect(done.design.edges).toEqual(design.edges)
    expect(done.design.components.map(({ id }) => id)).toEqual(design.components.map(({ id }) => id))
    expect(findComponent(done.design, 'c4')).toMatchObject({ type: passingBlock(), props: {} })
    expect(applyEdits(done.design, done.inverse).design).toEqual(design)
  })

  it('sets a default of the whole design the way a fix says', () => {
    const fix = { action: 'set_default' as const, field: 'd_model', value: 24, label: '', label_code: '', label_params: {} }
    expect(commands.applyFix(sampleDesign(), { fix, newId: 'new' }).design.meta.d_model).toBe(24)
  })

  it('mends a property with the value it would inherit by letting it inherit', () => {
    const before = sampleDesign()
    const { id } = before.components.find(({ type }) => type === passingBlock()) as Component
    const pinned = commands.setProperty(before, { id, field: 'd_model', value: 8 }).design
    const mend = (value: number) => {
      const fix = {
        action: 'set_property' as const,
        component_id: id,
        field: 'd_model',
        value,
        label: '',
        label_code: '',
        label_params: {},
      }
      return findComponent(commands.applyFix(pinned, { fix, newId: 'new' }).design, id)?.props
    }
    expect(mend(before.meta.d_model)).not.toHaveProperty('d_model')
    expect(mend(16)).toHaveProperty('d_model', 16)
  })

  it('undoes by id even in a design that sync has changed', () => {
    const design = sampleDesign()
    const [, , third] = readingOrder(design) as [Component, Component, Component]
    const { inverse } = commands.moveComponents(design, { places: [{ id: third.id, x: 500, y: 0 }] })
    const synced = placed(design, { id: 'theirs', type: passingBlock(), x: 9, y: 9 }).design
    const moved = commands.moveComponents(synced, { places: [{ id: third.id, x: 500, y: 0 }] }).design
    const { design: undone } = applyEdits(moved, inverse)
    expect(findComponent(undone, third.id)).toMatchObject({ x: third.x, y: third.y })
    expect(findComponent(undone, 'theirs')).toBeDefined()
  })
})

describe('the name of a block', () => {
  const named = (name: string, design = sampleDesign()) => commands.nameBlock(design, { id: 'c3', name })
  const nameOfIt = (design: ModelArchitecture) => findComponent(design, 'c3')?.name

  it('is given, told and taken back, and needs the newer version only while there is one', () => {
    const before = sampleDesign()
    const { design, summary, inverse } = named('Encoder')
    expect([nameOfIt(design), design.schema_version]).toEqual(['Encoder', schemaVersion])
    expect(nameIn(design, 'c3')).toBe('Encoder')
    expect(nameOf(findComponent(design, 'c3') as Component)).toBe('Encoder c3')
    expect(summary).toBe(`${nameIn(before, 'c3')} is now called Encoder`)
    expect(applyEdits(design, inverse).design).toEqual(before)
    expect(named('  ', design).design).toEqual(before)
  })

  it('is trimmed, in one line, and at most 60 characters long', () => {
    expect(nameOfIt(named('  My \n first   layer ').design)).toBe('My first layer')
    expect([...(nameOfIt(named('🙂'.repeat(70)).design) ?? '')]).toHaveLength(60)
  })

  it('goes with a deleted block, and comes back with it', () => {
    const { design } = named('Encoder')
    const removed = commands.removeComponents(design, { ids: ['c3'] })
    expect(removed.design.schema_version).toBe(plainVersion)
    expect(applyEdits(removed.design, removed.inverse).design).toEqual(design)
  })

  it('changes nothing about the version of a design that this app does not know', () => {
    const newer = { ...sampleDesign(), schema_version: schemaVersion + 1 }
    expect(named('Encoder', newer).design.schema_version).toBe(schemaVersion + 1)
  })
})
