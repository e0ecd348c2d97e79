import { describe, expect, it } from 'vitest'
import type { Component } from '../generated/wire'
import { blockKinds } from './catalogue'
import { insertCandidates } from './insert'
import { inputsOf, outputsOf, readingOrder } from './order'
import { applySteps, findComponent, hasEdge } from './steps'
import { passingBlock, sampleDesign } from './test_designs'

describe('insertCandidates', () => {
  it('first offers to put a block on the wire that leaves the selected one', () => {
    const design = sampleDesign()
    const [, , third, fourth] = readingOrder(design) as [Component, Component, Component, Component]
    const block = { id: 'new', type: passingBlock(), props: {}, inside: null }
    const first = insertCandidates(design, block, third.id)[0]
    expect(first && hasEdge(first.design, third.id, 'new') && hasEdge(first.design, 'new', fourth.id)).toBe(true)
    expect(first && hasEdge(first.design, third.id, fourth.id)).toBe(false)
    expect(first?.select).toEqual(['new'])
  })

  it('makes room, so that no two blocks lie on each other', () => {
    const design = sampleDesign()
    const third = readingOrder(design)[2] as Component
    const first = insertCandidates(design, { id: 'new', type: passingBlock(), props: {}, inside: null }, third.id)[0]
    const places = first?.design.components.map(({ x, y }) => `${x} ${y}`)
    expect(new Set(places).size).toBe(places?.length)
  })

  it('without a selection goes after the last block of the same type', () => {
    const design = sampleDesign()
    const type = passingBlock()
    const last = readingOrder(design).findLast((component) => component.type === type)
    const first = insertCandidates(design, { id: 'new', type, props: {}, inside: null }, null)[0]
    expect(first && inputsOf(first.design, 'new')).toEqual([last?.id])
  })

  it('has a way for every block of the catalogue, each undone exactly, the last one without wires', () => {
    const design = sampleDesign()
    for (const { type } of blockKinds) {
      const ways = insertCandidates(design, { id: 'new', type, props: {}, inside: null }, 'c3')
      expect(ways.length).toBeGreaterThan(0)
      for (const way of ways) {
        expect(findComponent(way.design, 'new')?.type).toBe(type)
        expect(applySteps(way.design, way.inverse).design).toEqual(design)
      }
      const bare = ways.at(-1)
      expect(bare && [...inputsOf(bare.design, 'new'), ...outputsOf(bare.design, 'new')]).toEqual([])
    }
  })

  it('gives a block that needs two inputs two of them', () => {
    const design = sampleDesign()
    const type = blockKinds.find((block) => block.min_inputs === 2)?.type
    if (!type) return
    const first = insertCandidates(design, { id: 'new', type, props: {}, inside: null }, 'c4')[0]
    expect(first && inputsOf(first.design, 'new')).toHaveLength(2)
  })
})
