// @vitest-environment jsdom
import { expect, it } from 'vitest'
import type { StoredDesign } from '../storage/designs'
import { chosenSort, found } from './found'

const design = (id: string, name: string): StoredDesign => ({ id, work: { name } }) as StoredDesign
const designs = [design('d1', 'Net 10'), design('d2', 'net 2'), design('d3', 'Café with experts'), design('d4', 'Other')]
const ids = (query: string, sort: Parameters<typeof found>[2] = 'changed', runs = {}) =>
  found(designs, query, sort, runs).map(({ id }) => id)

it('finds designs by every word of a query, without capitals and accents', () => {
  expect(ids('')).toEqual(['d1', 'd2', 'd3', 'd4'])
  expect(ids('  NET ')).toEqual(['d1', 'd2'])
  expect(ids('experts cafe')).toEqual(['d3'])
  expect(ids('net experts')).toEqual([])
})

it('sorts names in natural order, and by best score with designs without a score last, newest change first', () => {
  expect(ids('', 'name')).toEqual(['d3', 'd2', 'd1', 'd4'])
  expect(ids('', 'score', { d2: { best: 10 }, d4: { best: 900 }, d1: { best: null } })).toEqual(['d4', 'd2', 'd1', 'd3'])
})

it('remembers the order, and takes none that it does not know', () => {
  chosenSort.write('name')
  expect(chosenSort.read()).toBe('name')
  localStorage.setItem('model-studio-sort', '"size"')
  expect(chosenSort.read()).toBe('changed')
})
