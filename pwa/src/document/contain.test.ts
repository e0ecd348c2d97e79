import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Component, ModelArchitecture } from '../generated/wire'
import * as commands from './commands'
import { canUngroup, groupInto, link, ungroup } from './contain'
import { applyEdits, findComponent, hasEdge } from './edits'
import { insertLikely, unwired } from './insert'
import { childrenOf, contentOf, definitionOf, definitionsFor, insideOf, levelOf } from './inside'
import { copyContent } from './linked'
import { inputsOf, outputsOf, readingOrder } from './order'
import { commit, documentStore, enter, openBody, openDocument, openLevel, resetDocuments, undo } from './store'
import { BOX, LINKED } from './test_catalogue'
import { passingBlock, placed, randomFrom, sampleDesign } from './test_designs'

vi.mock('../generated/blocks.json', async (original) => (await import('./test_catalogue')).withContainers(original))

let design: ModelArchitecture
let third: Component
let fourth: Component

const done = (change: commands.Change): ModelArchitecture => {
  expect(applyEdits(change.design, change.inverse).design).toEqual(design)
  design = change.design
  return design
}
const ids = (components: Component[]): string[] => components.map(({ id }) => id)

beforeEach(() => {
  design = sampleDesign()
  ;[, , third, fourth] = readingOrder(design) as [Component, Component, Component, Component]
})

/** Two copies linked to one definition, all in the top level of the design; the definition holds two blocks. */
function linkedThrice(): void {
  done(groupInto(design, { ids: [third.id, fourth.id], type: LINKED, newId: 'def' }))
  for (const id of ['one', 'two']) {
    done(insertLikely(design, { id, type: LINKED, props: { definition: 'def' }, inside: null }, { near: 'def' }))
  }
}

describe('what lies in what', () => {
  it('takes a design from before containers as lying in the design itself', () => {
    const { inside: _, ...old } = third
    expect(insideOf(old)).toBe(null)
    expect(levelOf(design, null)).toBe(design)
  })

  it('cuts the design into places, each the same object for the same design', () => {
    done(groupInto(design, { ids: [third.id, fourth.id], type: BOX, newId: 'box' }))
    const level = levelOf(design, 'box')
    expect(ids(level.components)).toEqual([third.id, fourth.id])
    expect(level.edges).toEqual([[third.id, fourth.id]])
    expect(levelOf(design, 'box')).toBe(level)
    expect(levelOf(design, null).edges.flat()).not.toContain(third.id)
  })
})

describe('putting blocks into a container', () => {
  it('lets the container take the place of one block in the edges', () => {
    const [source] = inputsOf(design, third.id) as [string]
    const order = readingOrder(design).length
    done(groupInto(design, { ids: [third.id], type: BOX, newId: 'box' }))
    expect(hasEdge(design, source, 'box') && hasEdge(design, 'box', fourth.id)).toBe(true)
    expect(findComponent(design, 'box')).toMatchObject({ inside: null, x: third.x, y: third.y })
    expect(ids(childrenOf(design, 'box'))).toEqual([third.id])
    expect(levelOf(design, null).components).toHaveLength(order)
  })

  it('keeps the order of inputs of what comes behind', () => {
    const two = { ...design, edges: [...design.edges, [third.id, 'sum'], [fourth.id, 'sum']] as [string, string][] }
    two.components = [...two.components, { ...third, id: 'sum' }]
    const { design: next } = groupInto(two, { ids: [third.id], type: BOX, newId: 'box' })
    expect(inputsOf(next, 'sum')).toEqual(['box', fourth.id])
  })

  it('takes several at once with the edges between them', () => {
    done(groupInto(design, { ids: [third.id, fourth.id], type: BOX, newId: 'box' }))
    expect(hasEdge(design, third.id, fourth.id)).toBe(true)
    expect(inputsOf(design, 'box')).toHaveLength(1)
    expect(outputsOf(design, 'box')).toEqual(outputsOf(sampleDesign(), fourth.id))
  })

  it('closes the gap that it leaves, and taking out opens it again', () => {
    const places = () => levelOf(design, null).components.map(({ id, y }) => [id, y])
    const before = new Map(levelOf(design, null).components.map(({ id, y }) => [id, y]))
    const [below] = outputsOf(design, fourth.id) as [string]
    done(groupInto(design, { ids: [third.id, fourth.id], type: BOX, newId: 'box' }))
    expect(findComponent(design, below)?.y).toBe((before.get(below) ?? 0) - (fourth.y - third.y))
    done(ungroup(design, { id: 'box' }))
    expect(new Map(places() as [string, number][])).toEqual(before)
  })

  it('goes any depth, and stays in its place', () => {
    done(groupInto(design, { ids: [third.id], type: BOX, newId: 'outer' }))
    done(groupInto(design, { ids: [third.id], type: BOX, newId: 'inner' }))
    expect(findComponent(design, 'inner')?.inside).toBe('outer')
    expect(ids(contentOf(design, 'outer')).sort()).toEqual([third.id, 'inner'].sort())
  })
})

describe('taking blocks out', () => {
  it('gives back the edges that putting them in took', () => {
    const before = design
    done(groupInto(design, { ids: [third.id, fourth.id], type: BOX, newId: 'box' }))
    done(ungroup(design, { id: 'box' }))
    expect([...design.edges].sort()).toEqual([...before.edges].sort())
    expect(design.components.every((component) => insideOf(component) === null)).toBe(true)
    expect(new Set(design.components.map(({ x, y }) => `${x} ${y}`)).size).toBe(design.components.length)
  })

  it('leaves a copy to what is linked to it', () => {
    linkedThrice()
    done(ungroup(design, { id: 'def' }))
    expect(definitionOf(design, findComponent(design, 'one') as Component)).toBeUndefined()
    expect(definitionOf(design, findComponent(design, 'two') as Component)?.id).toBe('one')
    expect(childrenOf(design, 'one')).toHaveLength(2)
    expect(levelOf(design, 'one').edges).toHaveLength(1)
  })

  it('is not offered where there is nothing of its own', () => {
    linkedThrice()
    const can = (id: string) => canUngroup(design, findComponent(design, id) as Component)
    expect([can('def'), can('one'), can(third.id)]).toEqual([true, false, false])
  })
})

describe('deleting', () => {
  it('takes all that lies in a container with it, and heals the path around it', () => {
    done(groupInto(design, { ids: [third.id], type: BOX, newId: 'outer' }))
    done(groupInto(design, { ids: [third.id], type: BOX, newId: 'inner' }))
    const { summary } = commands.removeComponents(design, { ids: ['outer'] })
    expect(summary).toContain('and 2 inside')
    done(commands.removeComponents(design, { ids: ['outer'] }))
    expect(design.components).toHaveLength(sampleDesign().components.length - 1)
    expect(inputsOf(design, fourth.id)).toEqual(inputsOf(sampleDesign(), third.id))
  })

  it('of a definition hands what it holds to the first copy; the others follow', () => {
    linkedThrice()
    done(commands.removeComponents(design, { ids: ['def'] }))
    expect(ids(childrenOf(design, 'one'))).toEqual([third.id, fourth.id])
    expect(findComponent(design, 'one')?.props.definition).toBeUndefined()
    expect(findComponent(design, 'two')?.props.definition).toBe('one')
  })

  it('of a definition and all its copies takes everything', () => {
    linkedThrice()
    done(commands.removeComponents(design, { ids: ['one', 'def', 'two'] }))
    expect(findComponent(design, third.id)).toBeUndefined()
  })

  it('of a container hands on a definition that lies deep in it', () => {
    linkedThrice()
    done(groupInto(design, { ids: ['def'], type: BOX, newId: 'box' }))
    done(commands.removeComponents(design, { ids: ['box'] }))
    expect(ids(childrenOf(design, 'one'))).toEqual([third.id, fourth.id])
  })
})

describe('links', () => {
  it('are offered to blocks of the same type with content of their own neither around nor in them', () => {
    linkedThrice()
    const offered = (id: string) => ids(definitionsFor(design, findComponent(design, id) as Component))
    expect([offered('one'), offered('def')]).toEqual([['def'], []])
    done(groupInto(design, { ids: [third.id], type: LINKED, newId: 'within' }))
    expect(offered('within')).toEqual([])
    expect(offered('def')).toEqual([])
  })

  it('let go with a copy of what was shared', () => {
    linkedThrice()
    done(link(design, { id: 'one', field: 'definition', to: null }))
    expect(childrenOf(design, 'one')).toHaveLength(2)
    expect(levelOf(design, 'one').edges).toHaveLength(1)
    expect(childrenOf(design, 'def')).toHaveLength(2)
    expect(findComponent(design, 'one')?.props).toEqual({})
  })

  it('made from a definition leave its content with its copies', () => {
    linkedThrice()
    done(link(design, { id: 'one', field: 'definition', to: null }))
    done(link(design, { id: 'def', field: 'definition', to: 'one' }))
    expect(findComponent(design, 'two')?.props.definition).toBeUndefined()
    expect(ids(childrenOf(design, 'two'))).toEqual([third.id, fourth.id])
  })
})

describe('a copy of content', () => {
  it('has new ids, its own edges, and links that stay within it', () => {
    done(groupInto(design, { ids: [third.id, fourth.id], type: BOX, newId: 'box' }))
    done(groupInto(design, { ids: [third.id], type: LINKED, newId: 'def' }))
    done(placed(design, { id: 'copy', type: LINKED, x: 0, y: 900, inside: 'box' }))
    done(link(design, { id: 'copy', field: 'definition', to: 'def' }))
    let number = 0
    const content = copyContent(design, 'box', 'twin', () => `n${++number}`)
    expect(content.components).toHaveLength(4)
    expect(content.components.map(({ id }) => id).every((id) => /^n\d$/.test(id))).toBe(true)
    const renamedDef = content.components.find(({ type, props }) => type === LINKED && !props.definition)
    expect(content.components.find(({ props }) => props.definition)?.props.definition).toBe(renamedDef?.id)
    expect(content.components.filter(({ inside }) => inside === 'twin')).toHaveLength(3)
    expect(content.edges).toHaveLength(1)
  })

  it('comes with a duplicate, as one step', () => {
    done(groupInto(design, { ids: [third.id, fourth.id], type: BOX, newId: 'box' }))
    const content = copyContent(design, 'box', 'twin', (taken) => commands.newComponentId(design, undefined, taken))
    const twin = { id: 'twin', type: BOX, props: {}, inside: null, content }
    for (const way of [insertLikely(design, twin, { near: 'box' }), unwired(design, twin)]) {
      expect(levelOf(way.design, 'twin').edges).toHaveLength(1)
      expect(applyEdits(way.design, way.inverse).design).toEqual(design)
    }
  })
})

describe('other commands', () => {
  it('add into the open container only', () => {
    done(groupInto(design, { ids: [third.id, fourth.id], type: BOX, newId: 'box' }))
    const block = { id: 'new', type: passingBlock(), props: {}, inside: 'box' }
    for (const way of [insertLikely(design, block, { near: null }), unwired(design, block)]) {
      expect(findComponent(way.design, 'new')?.inside).toBe('box')
      expect(
        way.design.edges
          .filter((edge) => edge.includes('new'))
          .flat()
          .sort(),
      ).not.toContain('box')
      expect(levelOf(way.design, null).components).toEqual(levelOf(design, null).components)
    }
  })

  it('put a fix where its neighbours lie', () => {
    done(groupInto(design, { ids: [third.id, fourth.id], type: BOX, newId: 'box' }))
    const fix = {
      action: 'add_component' as const,
      type: passingBlock(),
      source: third.id,
      target: fourth.id,
      props: {},
      label: '',
      label_code: '',
      label_params: {},
    }
    done(commands.applyFix(design, { fix, newId: 'new' }))
    expect(findComponent(design, 'new')?.inside).toBe('box')
    expect(levelOf(design, 'box').edges).toEqual([
      ['new', fourth.id],
      [third.id, 'new'],
    ])
  })

  it('do not connect what lies apart', () => {
    done(groupInto(design, { ids: [fourth.id], type: BOX, newId: 'box' }))
    expect(commands.connect(design, { source: third.id, target: fourth.id }).inverse).toEqual([])
  })

  it('reorder within one place', () => {
    done(groupInto(design, { ids: [third.id, fourth.id], type: BOX, newId: 'box' }))
    expect(commands.reorderPartner(design, third.id, -1)).toBeUndefined()
    expect(commands.reorderPartner(design, fourth.id, -1)).toBe(third.id)
  })
})

describe('the open place', () => {
  const open = () => documentStore.getState()
  const act = (change: (design: ModelArchitecture) => commands.Change) => commit(change(open().design as ModelArchitecture))

  beforeEach(() => {
    resetDocuments()
    openDocument(design)
    act((now) => groupInto(now, { ids: [third.id, fourth.id], type: LINKED, newId: 'def' }))
  })

  it('is only ever a container', () => {
    enter(third.id)
    expect(open().inside).toBe(null)
    enter('def')
    expect(ids(openLevel(open())?.components ?? [])).toEqual([third.id, fourth.id])
  })

  it('of a linked copy is its definition', () => {
    act((now) => placed(now, { id: 'copy', type: LINKED, x: 0, y: 900 }))
    act((now) => link(now, { id: 'copy', field: 'definition', to: 'def' }))
    enter('copy')
    expect(openBody(open())).toBe('def')
    expect(openLevel(open())).toBe(levelOf(open().design as ModelArchitecture, 'def'))
  })

  it('is left when its container goes, and shown again by undo', () => {
    enter('def')
    act((now) => commands.setProperty(now, { id: third.id, field: 'bias', value: false }))
    act((now) => commands.removeComponents(now, { ids: ['def'] }))
    expect(open().inside).toBe(null)
    undo()
    expect(open().inside).toBe('def')
    enter(null)
    undo()
    expect(open().inside).toBe('def')
  })

  it('follows to what a change selects elsewhere', () => {
    const fix = {
      action: 'set_property' as const,
      component_id: third.id,
      field: 'bias',
      value: false,
      label: '',
      label_code: '',
      label_params: {},
    }
    act((now) => commands.applyFix(now, { fix, newId: 'x' }))
    expect(open().inside).toBe('def')
  })
})

it('undoes any run of container commands exactly', () => {
  for (let seed = 1; seed <= 40; seed++) {
    const random = randomFrom(seed)
    let now = sampleDesign()
    for (let number = 0; number < 30; number++) {
      const pick = () => now.components[Math.floor(random() * now.components.length)]?.id ?? 'none'
      const [id, other] = [pick(), pick()]
      const letters = () => String.fromCharCode(97 + Math.floor(random() * 26)) + number
      const type = random() < 0.5 ? BOX : LINKED
      const change = [
        () => groupInto(now, { ids: [id, other], type, newId: `b${number}` }),
        () => ungroup(now, { id, letters }),
        () => commands.removeComponents(now, { ids: [id, other] }),
        () => link(now, { id, field: 'definition', to: other, letters }),
        () => link(now, { id, field: 'definition', to: null, letters }),
      ][Math.floor(random() * 5)] as () => commands.Change
      const { design: next, inverse } = change()
      const back = applyEdits(next, inverse)
      expect(back.design).toEqual(now)
      expect(applyEdits(back.design, back.inverse).design).toEqual(next)
      const known = new Set(next.components.map((component) => component.id))
      expect(next.components.every(({ inside }) => inside === null || known.has(inside))).toBe(true)
      if (next.components.length > 1) now = next
    }
  }
})
