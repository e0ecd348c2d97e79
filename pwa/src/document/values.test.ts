import { describe, expect, it } from 'vitest'
import type { Component } from '../generated/wire'
import { blockKinds, blockOf, type Property } from './catalogue'
import { passingBlock } from './test_designs'
import { effectiveValue, inheritedValue, summaryOf, valueOfField } from './values'

const meta = { d_model: 64, n_heads: 4, n_experts: 4 }
const component = (props: Component['props']): Component => ({ id: 'c1', type: passingBlock(), props, x: 0, y: 0, inside: null })
const form = (name: string): Property => {
  const found = blockOf(passingBlock())?.properties.find((property) => property.name === name)
  if (!found) throw new Error(`no property ${name}`)
  return found
}

describe('effective values', () => {
  it('come from the component, then from the design, then from the block', () => {
    expect(effectiveValue(component({ d_model: 32 }), form('d_model'), meta)).toEqual({ value: 32, from: 'component' })
    expect(effectiveValue(component({}), form('d_model'), meta)).toEqual({ value: 64, from: 'design' })
    expect(effectiveValue(component({}), form('dropout'), meta)).toEqual({ value: 0, from: 'block' })
    expect(inheritedValue(form('d_model'), meta).value).toBe(64)
    expect(valueOfField(component({}), 'd_model', meta)).toBe(64)
  })

  it('make a line for every block, never longer than two facts', () => {
    for (const { type } of blockKinds) {
      const line = summaryOf({ id: 'c1', type, props: {}, x: 0, y: 0, inside: null }, meta)
      expect(line.split(' · ').length).toBeLessThanOrEqual(2)
    }
  })
})
