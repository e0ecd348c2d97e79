import { expect, it } from 'vitest'
import type { ModelArchitecture } from '../generated/wire'
import { MINIATURE_SIDE, miniatureOf } from './miniature'
import { templates } from './templates'
import { containerType, passingBlock, sampleDesign } from './test_designs'

const numbersOf = (path: string): number[] =>
  (path.match(/[MC]?-?\d+(\.\d+)?,-?\d+(\.\d+)?/g) ?? []).flatMap((pair) => pair.replace(/[MC]/, '').split(',').map(Number))

it('draws every block and every branch of a design within its square', () => {
  for (const design of templates) {
    const { wires, kinds, frames } = miniatureOf(design)
    const blocks = [...kinds.map(([, path]) => path), frames].join('').split('M').length - 1
    expect(blocks).toBeGreaterThanOrEqual(design.components.filter(({ inside }) => (inside ?? null) === null).length)
    const starts = wires.match(/M-?[\d.]+,-?[\d.]+/g) ?? []
    const top = new Set(design.components.filter(({ inside }) => (inside ?? null) === null).map(({ id }) => id))
    expect(starts).toHaveLength(design.edges.filter((edge) => edge.every((end) => top.has(end))).length)
    for (const number of numbersOf(wires)) {
      expect(number).toBeGreaterThanOrEqual(0)
      expect(number).toBeLessThanOrEqual(MINIATURE_SIDE)
    }
  }
})

it('draws a container as a frame around the kinds of its content', () => {
  const type = passingBlock()
  const component = (id: string, of: string, inside: string | null = null) => ({ id, type: of, props: {}, x: 0, y: 0, inside })
  const design: ModelArchitecture = {
    ...sampleDesign(),
    components: [component('c1', containerType()), component('c2', type, 'c1'), component('c3', type, 'c1')],
    edges: [],
  }
  const { frames, kinds, wires } = miniatureOf(design)
  expect(frames.split('M')).toHaveLength(2)
  expect(kinds.map(([, path]) => path.split('M').length - 1)).toEqual([2])
  expect(wires).toBe('')
})

it('is worked out once for a design, has a few paths for hundreds of blocks, and can be empty', () => {
  const design = sampleDesign()
  expect(miniatureOf(design)).toBe(miniatureOf(design))
  const [first] = design.components
  const components = Array.from({ length: 500 }, (_, at) => ({
    ...(first as NonNullable<typeof first>),
    id: `c${at}`,
    y: at * 96,
  }))
  expect(
    miniatureOf({ ...design, components, edges: components.slice(1).map(({ id }, at) => [`c${at}`, id]) }).kinds,
  ).toHaveLength(1)
  expect(miniatureOf({ ...design, components: [], edges: [] })).toEqual({ wires: '', frames: '', kinds: [] })
})
