import { describe, expect, it } from 'vitest'
import type { Component, ModelArchitecture } from '../generated/wire'
import { chooseSide, type Disputed, removesDesign, type Side } from './conflict_choice'
import { applyEdits } from './edits'

const component = (id: string, more: Partial<Component> = {}): Component => ({
  ...{ id, type: 'linear', props: {}, x: 0, y: 0, inside: null },
  ...more,
})

const design: ModelArchitecture = {
  ...{ id: 'd1', name: 'Kept', schema_version: 1, meta: { d_model: 128, n_heads: 4, n_experts: 4 } },
  components: [
    component('c1'),
    component('c2', { props: { bias: true, n_heads: 2 }, inside: 'c5' }),
    component('c3'),
    component('c4', { type: 'add' }),
    component('c5', { type: 'repeat' }),
  ],
  edges: [
    ['c1', 'c3'],
    ['c3', 'c4'],
    ['c1', 'c4'],
  ],
}

function chosen(path: string, theirs: unknown, { mine = null as unknown, choice = 'theirs' as Side } = {}) {
  const change = chooseSide(design, { conflict: { path, mine, theirs }, choice })
  expect(applyEdits(change.design, change.inverse).design).toEqual(design)
  return change.design
}
const find = (from: ModelArchitecture, id: string) => from.components.find((one) => one.id === id)

describe('the value of one side', () => {
  it('is put in its place, and can be undone', () => {
    expect(chosen('/name', 'Theirs').name).toBe('Theirs')
    expect(chosen('/meta/d_model', 256).meta.d_model).toBe(256)
    expect(find(chosen('/components/c2/props/n_heads', 8), 'c2')?.props).toEqual({ bias: true, n_heads: 8 })
    expect(find(chosen('/components/c1/x', 40), 'c1')).toMatchObject({ x: 40, y: 0 })
    expect(find(chosen('/components/c2/inside', null), 'c2')?.inside).toBeNull()
    expect(find(chosen('/components/c1/name', 'Theirs'), 'c1')?.name).toBe('Theirs')
    expect(find(chosen('/components/c2/props', { n_heads: 2, dropout: 0.1 }), 'c2')?.props).toEqual({ n_heads: 2, dropout: 0.1 })
  })

  it('is that of the chosen side', () => {
    const conflict: Disputed = { path: '/name', mine: 'Mine', theirs: 'Theirs' }
    expect(chooseSide(design, { conflict, choice: 'mine' })).toMatchObject({
      design: { name: 'Mine' },
      summary: 'Chose your value',
    })
    expect(chooseSide(design, { conflict, choice: 'theirs' })).toMatchObject({ design: { name: 'Theirs' } })
  })

  it('is left out where that side left it out', () => {
    expect(find(chosen('/components/c2/props/n_heads', null, { mine: 2 }), 'c2')?.props).toEqual({ bias: true })
  })

  it('is another type of block, in the same place and with the same wires', () => {
    const changed = chosen('/components/c3/type', 'gelu')
    expect(find(changed, 'c3')?.type).toBe('gelu')
    expect(changed.components.map(({ id }) => id)).toEqual(design.components.map(({ id }) => id))
    expect(changed.edges).toEqual(design.edges)
  })

  it('is the order of the inputs', () => {
    expect(chosen('/edges/c4', ['c1', 'c3'], { mine: ['c3', 'c1'] }).edges.filter(([, to]) => to === 'c4')).toEqual([
      ['c1', 'c4'],
      ['c3', 'c4'],
    ])
  })

  it('is an edge, or none', () => {
    expect(chosen('/edges/c2', ['c1', 'c2']).edges).toContainEqual(['c1', 'c2'])
    expect(chosen('/edges/c3', null, { mine: ['c1', 'c3'] }).edges).not.toContainEqual(['c1', 'c3'])
  })

  it('is that a block was removed: what it connected is connected', () => {
    const changed = chosen('/components/c3', null, { mine: component('c3') })
    expect(find(changed, 'c3')).toBeUndefined()
    expect(changed.edges.every(([source, target]) => source !== 'c3' && target !== 'c3')).toBe(true)
  })

  it('is a block that is gone by now, at the top level where its container is gone too', () => {
    expect(find(chosen('/components/c9', component('c9', { inside: 'c8' })), 'c9')).toEqual(component('c9'))
  })
})

describe('nothing changes', () => {
  it.each([
    ['the design has the value already', '/name', 'Kept'],
    ['the block is gone', '/components/c9/props/n_heads', 8],
    ['the block is there already', '/components/c3', component('c3', { x: 9 })],
    ['a container would lie in itself', '/components/c5/inside', 'c2'],
    ['the container is gone', '/components/c2/inside', 'c9'],
    ['the value is not of its kind', '/meta/d_model', 'many'],
    ['the path is of a newer version', '/notes/1', 'text'],
    ['it is about the whole design', '', null],
  ])('where %s', (_, path, value) => {
    const change = chooseSide(design, { conflict: { path, mine: null, theirs: value }, choice: 'theirs' })
    expect(change.inverse).toEqual([])
    expect(change.design).toEqual(design)
  })
})

it('a choice about a whole design may remove it', () => {
  const conflict = { path: '', mine: 'Name', theirs: null }
  expect([removesDesign(conflict, 'mine'), removesDesign(conflict, 'theirs')]).toEqual([false, true])
})
