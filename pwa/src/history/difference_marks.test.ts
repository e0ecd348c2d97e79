import { expect, it } from 'vitest'
import { findComponent } from '../document/edits'
import { containerType, passingBlock, placed, sampleDesign } from '../document/test_designs'
import type { DesignDifference } from '../generated/wire'
import { drawn, linesOf, marksOf } from './difference_marks'

const none: DesignDifference = {
  ...{
    summary: '',
    added: [],
    removed: [],
    changed: [],
    moved: [],
    wires_added: [],
    wires_removed: [],
    reordered: [],
    values: [],
  },
}
const value = {
  path: '/components/c3/props/bias',
  place: 'Bias of A',
  before: true,
  after: false,
  before_text: 'on',
  after_text: 'off',
}

it('marks what was added, removed and changed, and the containers around it', () => {
  const before = placed(sampleDesign(), { id: 'box', type: containerType(), x: 0, y: 0 }).design
  const after = placed(before, { id: 'in', type: passingBlock(), x: 0, y: 0, inside: 'box' }).design
  const difference = { ...none, added: [{ id: 'in', name: 'In' }], changed: [{ id: 'c3', name: 'A', changes: [value] }] }
  expect([...marksOf(difference, before, after)]).toEqual([
    ['in', 'added'],
    ['c3', 'changed'],
    ['box', 'changed'],
  ])
  expect(linesOf(difference).map(({ kind, text }) => `${kind}: ${text}`)).toEqual([
    'added: In added',
    'changed: Bias of A: on → off',
  ])
})

it('draws what only the other version has beside the version itself, at the top level', () => {
  const design = sampleDesign()
  const less = { ...design, components: design.components.filter(({ id }) => id !== 'c3') }
  expect(drawn(less, design).map(({ id }) => id)).toContain('c3')
  expect(drawn(less, undefined).map(({ id }) => id)).not.toContain('c3')
  const inner = placed(design, { id: 'in', type: passingBlock(), x: 0, y: 0, inside: 'c3' }).design
  expect(findComponent({ ...inner, components: drawn(inner, undefined) }, 'in')).toBeUndefined()
})
