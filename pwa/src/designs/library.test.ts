import { expect, it } from 'vitest'
import { moveComponents, rename, setMeta } from '../document/commands'
import { sampleDesign } from '../document/test_designs'
import { contentOf, freeName } from './library'

it('finds a free name', () => {
  expect(freeName('A', [])).toBe('A')
  expect(freeName('A', ['A'])).toBe('A 2')
  expect(freeName('A', ['A', 'A 2'])).toBe('A 3')
})

it('tells designs of another size apart, not those that only look different', () => {
  const design = sampleDesign()
  expect(contentOf(moveComponents(design, { places: [{ id: 'c3', x: 1, y: 2 }] }).design)).toBe(contentOf(design))
  expect(contentOf(rename(design, { name: 'Other' }).design)).toBe(contentOf(design))
  expect(contentOf(setMeta(design, { field: 'd_model', value: 256 }).design)).not.toBe(contentOf(design))
})
