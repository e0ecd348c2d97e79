import { describe, expect, it } from 'vitest'
import { moveComponents, setProperty } from '../document/commands'
import { sampleDesign } from '../document/test_designs'
import { patchEdges, patchNodes, routesOf } from './flow'

describe('patchNodes', () => {
  it('keeps every node that did not change', () => {
    const design = sampleDesign()
    const before = patchNodes([], design, [])
    const changed = setProperty(design, { id: 'c3', field: 'bias', value: false }).design
    const after = patchNodes(before, changed, [])
    expect(after.filter((node, index) => node !== before[index]).map(({ id }) => id)).toEqual(['c3'])
  })

  it('lets a finger drag only what is selected', () => {
    const nodes = patchNodes([], sampleDesign(), ['c3'])
    expect(nodes.filter(({ draggable }) => draggable).map(({ id }) => id)).toEqual(['c3'])
  })

  it('does not pull a block away from the finger that drags it', () => {
    const design = sampleDesign()
    const before = patchNodes([], design, ['c3']).map((node) =>
      node.id === 'c3' ? { ...node, dragging: true, position: { x: 77, y: 7 } } : node,
    )
    const synced = moveComponents(design, { places: [{ id: 'c3', x: 500, y: 500 }] }).design
    expect(patchNodes(before, synced, ['c3']).find(({ id }) => id === 'c3')?.position).toEqual({ x: 77, y: 7 })
  })
})

describe('patchEdges', () => {
  it('reroutes only what a move touches', () => {
    const design = sampleDesign()
    const before = patchEdges([], design, routesOf(design), null)
    const last = design.components.at(-1)?.id ?? ''
    const moved = moveComponents(design, { places: [{ id: last, x: 200, y: 700 }] }).design
    const after = patchEdges(before, moved, routesOf(moved), null)
    expect(after.filter((edge, index) => edge !== before[index]).map(({ target }) => target)).toEqual([last])
  })

  it('leaves out edges whose ends are gone', () => {
    const design = sampleDesign()
    const cut = { ...design, edges: [['c1', 'gone']] as [string, string][] }
    expect(patchEdges([], cut, routesOf(cut), null)).toEqual([])
  })
})

describe('routesOf', () => {
  it('routes anew when a block moves or an edge goes, and not when a property changes', () => {
    const design = sampleDesign()
    const before = { design, routes: routesOf(design) }
    expect(routesOf(setProperty(design, { id: 'c3', field: 'bias', value: false }).design, before)).toBe(before.routes)
    const moved = moveComponents(design, { places: [{ id: 'c3', x: 500, y: 500 }] }).design
    expect(routesOf(moved, before)).toEqual(routesOf(moved))
    expect(routesOf(moved, before)).not.toEqual(before.routes)
    const [, ...edges] = design.edges
    expect(routesOf({ ...design, edges }, before).size).toBe(design.edges.length - 1)
  })
})
