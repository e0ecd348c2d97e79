import { expect, it } from 'vitest'
import type { ModelArchitecture } from '../generated/wire'
import { restingPlace } from './snap'

const level = (edges: [string, string][] = []): ModelArchitecture => ({
  id: 'd1',
  name: 'One',
  schema_version: 2,
  meta: { d_model: 8, n_heads: 1, n_experts: 2 },
  components: [
    { id: 'a', type: 'x', props: {}, x: 0, y: 0, inside: null },
    { id: 'b', type: 'x', props: {}, x: 8, y: 200, inside: null },
    { id: 'c', type: 'x', props: {}, x: 300, y: 500, inside: null },
  ],
  edges,
})

it('rests in the nearest column and row', () => {
  expect(restingPlace(level(), 'c', { x: 10, y: 400 })).toEqual({ x: 8, y: 400 })
  expect(restingPlace(level(), 'c', { x: 200, y: 210 })).toEqual({ x: 200, y: 200 })
})

it('prefers the column of what it is connected to', () =>
  expect(restingPlace(level([['a', 'c']]), 'c', { x: 7, y: 400 })).toEqual({ x: 0, y: 400 }))

it('stays where it was dropped with no line near', () =>
  expect(restingPlace(level(), 'c', { x: 150, y: 400 })).toEqual({ x: 150, y: 400 }))

it('never comes to rest on another block', () => {
  expect(restingPlace(level(), 'c', { x: 121, y: 6 })).toEqual({ x: 121, y: 0 })
  expect(restingPlace(level(), 'c', { x: 4, y: 70 })).toEqual({ x: 0, y: 70 })
  expect(restingPlace(level(), 'c', { x: 20, y: 20 })).toEqual({ x: 20, y: 20 })
})
