import { describe, expect, it } from 'vitest'
import type { Component, ModelArchitecture, Placement } from '../generated/wire'
import { blockKinds, hasOutput, takesInputs } from './catalogue'
import { applyEdits, findComponent, hasEdge } from './edits'
import { insertLikely, insertPlaced, type NewBlock, unwired } from './insert'
import { inputsOf, readingOrder } from './order'
import { passingBlock, sampleDesign } from './test_designs'

const newBlock = (type: string): NewBlock => ({ id: 'new', type, props: {}, inside: null })

describe('insertLikely', () => {
  it('puts a block on the edge that leaves the selected one', () => {
    const design = sampleDesign()
    const [, , third, fourth] = readingOrder(design) as [Component, Component, Component, Component]
    const done = insertLikely(design, newBlock(passingBlock()), { near: third.id })
    expect(hasEdge(done.design, third.id, 'new') && hasEdge(done.design, 'new', fourth.id)).toBe(true)
    expect(hasEdge(done.design, third.id, fourth.id)).toBe(false)
    expect(done.select).toEqual(['new'])
  })

  it('puts a block on the edge that was chosen', () => {
    const design: ModelArchitecture = { ...sampleDesign(), edges: [...sampleDesign().edges, ['c2', 'c4']] }
    const done = insertLikely(design, newBlock(passingBlock()), { near: 'c2', target: 'c4' })
    expect(inputsOf(done.design, 'c4')).toEqual(['c3', 'new'])
    expect(inputsOf(done.design, 'c3')).toEqual(['c2'])
  })

  it('makes room, so that no two blocks lie on each other', () => {
    const design = sampleDesign()
    const third = readingOrder(design)[2] as Component
    const places = insertLikely(design, newBlock(passingBlock()), { near: third.id }).design.components.map(
      ({ x, y }) => `${x} ${y}`,
    )
    expect(new Set(places).size).toBe(places.length)
  })

  it('without a selection goes after the last block of the same type', () => {
    const design = sampleDesign()
    const type = passingBlock()
    const last = readingOrder(design).findLast((component) => component.type === type)
    expect(inputsOf(insertLikely(design, newBlock(type), { near: null }).design, 'new')).toEqual([last?.id])
  })

  it('has a way for every block of the catalogue, undone exactly', () => {
    const design = sampleDesign()
    for (const { type } of blockKinds) {
      for (const done of [insertLikely(design, newBlock(type), { near: 'c3' }), unwired(design, newBlock(type))]) {
        expect(findComponent(done.design, 'new')?.type).toBe(type)
        expect(applyEdits(done.design, done.inverse).design).toEqual(design)
      }
    }
  })

  it('gives a block that needs two inputs two of them', () => {
    const design = sampleDesign()
    const type = blockKinds.find((block) => block.min_inputs === 2)?.type
    if (!type) return
    expect(inputsOf(insertLikely(design, newBlock(type), { near: 'c4' }).design, 'new')).toHaveLength(2)
  })
})

describe('insertPlaced', () => {
  const placement = (given: Partial<Placement>): Placement => ({
    cut: [],
    join: [],
    source: null,
    target: null,
    valid: true,
    problems: 0,
    validation: null,
    ...given,
  })

  it('draws the edges that were chosen, at their positions, and says where the block went by names', () => {
    const design = sampleDesign()
    const chosen = placement({
      source: 'c2',
      target: 'c3',
      cut: [['c2', 'c3']],
      join: [
        { source: 'new', target: 'c3', at: 1 },
        { source: 'c2', target: 'new', at: 6 },
      ],
    })
    const done = insertPlaced(design, newBlock(passingBlock()), chosen)
    expect(done.design.edges).toEqual([...design.edges.slice(0, 1), ['new', 'c3'], ...design.edges.slice(2), ['c2', 'new']])
    expect(done.summary).toBe('Added Transformer layer 3 after Embedding')
    expect(applyEdits(done.design, done.inverse).design).toEqual(design)
  })

  it('hangs an end on what feeds it, and leaves a block unconnected where it fits nowhere', () => {
    const design = sampleDesign()
    const end = blockKinds.find(({ type }) => takesInputs(type) && !hasOutput(type))?.type as string
    const join = [{ source: 'c4', target: 'new', at: 6 }]
    const done = insertPlaced(design, newBlock(end), placement({ source: 'c4', join }))
    expect(inputsOf(done.design, 'new')).toEqual(['c4'])
    expect(done.summary).toMatch(/, fed by Transformer layer 2$/)
    expect(insertPlaced(design, newBlock(end), placement({})).design.edges).toEqual(design.edges)
  })
})
