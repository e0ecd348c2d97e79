import { beforeEach, describe, expect, it, vi } from 'vitest'
import { blockKinds } from '../document/catalogue'
import { groupsFor, noteUsed, usedLast, withUsedLast } from './palette'

const typesIn = (groups: ReturnType<typeof groupsFor>): string[] => groups.flatMap(({ blocks }) => blocks.map(({ type }) => type))
const all = blockKinds.map(({ type }) => type)

beforeEach(() => {
  const kept = new Map<string, string>()
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
  })
})

describe('the palette', () => {
  it('has every block once, under its kind', () => {
    expect(typesIn(groupsFor('')).sort()).toEqual([...all].sort())
    for (const { title, blocks } of groupsFor('')) for (const { kind } of blocks) expect(kind.replaceAll('_', ' ')).toBe(title)
  })

  it('finds a block by any of its words', () => {
    for (const { type, title, summary } of blockKinds) {
      expect(typesIn(groupsFor(title.toUpperCase()))).toContain(type)
      expect(typesIn(groupsFor(summary.split(' ').slice(0, 3).join('  ')))).toContain(type)
    }
    expect(groupsFor('no such thing anywhere')).toEqual([])
  })

  it('puts what was used last in front, and each block still stands once', () => {
    const [first, second] = all as [string, string]
    for (const type of [first, second, first]) noteUsed(type)
    expect(usedLast()).toEqual([first, second])
    const groups = withUsedLast(groupsFor(''), [...usedLast(), 'gone'])
    expect(groups[0]?.blocks.map(({ type }) => type)).toEqual([first, second])
    expect(typesIn(groups).sort()).toEqual([...all].sort())
  })
})
