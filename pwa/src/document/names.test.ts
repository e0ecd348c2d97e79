import { expect, it } from 'vitest'
import type { ModelArchitecture } from '../generated/wire'
import { nameIn, namesOf } from './names'
import { sampleDesign } from './test_designs'

const design = (...ids: string[]): ModelArchitecture => ({
  ...sampleDesign(),
  components: ids.map((id) => ({
    id,
    type: id === 'e' ? 'embedding' : id === 'u' ? 'nothing' : 'linear',
    props: {},
    x: 0,
    y: 0,
    inside: null,
  })),
})

// the same cases as in tests/shared_py/test_naming.py
it('numbers blocks with the same title in the natural order of their ids', () => {
  expect([...namesOf(design('c10ab', 'c2', 'e', 'c02', 'c9br'))].sort()).toEqual([
    ['c02', 'Linear 1'],
    ['c10ab', 'Linear 4'],
    ['c2', 'Linear 2'],
    ['c9br', 'Linear 3'],
    ['e', 'Embedding'],
  ])
})

it('calls a block by its own name, and counts it among its equals', () => {
  const { components, ...rest } = design('c1', 'c2', 'c3')
  const named = { ...rest, components: components.map((one) => (one.id === 'c2' ? { ...one, name: 'Encoder' } : one)) }
  expect(Object.fromEntries(namesOf(named))).toEqual({ c1: 'Linear 1', c2: 'Encoder', c3: 'Linear 3' })
})

it('calls a block that this version does not know, or that is gone, by its id', () => {
  expect(nameIn(design('u'), 'u')).toBe('Component u')
  expect(nameIn(design('e'), 'gone')).toBe('gone')
})
