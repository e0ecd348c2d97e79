import { beforeEach, expect, it, vi } from 'vitest'
import { sampleDesign } from '../document/test_designs'
import type { StoredDesign } from './database'
import { forgetRemoval, rememberRemoval, returnedOf } from './returned'

const row = (id: string) => ({ id, work: { ...sampleDesign(), id } }) as StoredDesign
const returned = (...ids: string[]) => returnedOf(ids.map(row)).map(({ id }) => id)

beforeEach(() => {
  const stored = new Map<string, string>()
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => stored.set(key, value),
  })
})

it('finds the designs that were removed here and are there again', () => {
  rememberRemoval('d1', 'One')
  rememberRemoval('d2', 'Two')
  expect(returned('d2', 'd3')).toEqual(['d2'])
  expect(returned('d3')).toEqual([])
})

it('says nothing of a design that the person restored, or about which it was said', () => {
  rememberRemoval('d1', 'One')
  forgetRemoval('d1')
  forgetRemoval('never removed')
  expect(returned('d1')).toEqual([])
})

it('remembers the newest removals only', () => {
  for (let number = 0; number < 250; number += 1) rememberRemoval(`d${number}`, 'Name')
  expect(returned('d0', 'd49', 'd50', 'd249')).toEqual(['d50', 'd249'])
})
