import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { READABLE_ZOOM } from '../document/geometry'
import { type Detail, detailAt, smallestFont } from './detail'

const css = readFileSync(new URL('./block.css', import.meta.url), 'utf8')

/** The font sizes that the style sheet gives to what stands on blocks, by level of detail; those without a level count for `near`. */
function fontSizes(): [string, number][] {
  return [...css.matchAll(/([^{}]+)\{([^}]*)\}/g)].flatMap(([, selector = '', rules = '']): [string, number][] => {
    const size = /font-size: ([\d.]+)px/.exec(rules)?.[1]
    const level = /data-detail="(\w+)"/.exec(selector)?.[1] ?? 'near'
    return size === undefined ? [] : [[level, Number(size)]]
  })
}

describe('levels of detail', () => {
  it('shows less the farther away a block is', () => {
    expect([2.5, 0.9, 0.89, 0.7, 0.5, 0.05].map(detailAt)).toEqual(['near', 'near', 'mid', 'small', 'symbol', 'symbol'])
  })

  it('shows names where a design is fitted to the screen', () => expect(detailAt(READABLE_ZOOM)).toBe('small'))

  it('writes nothing smaller than 12 px on the screen', () => {
    const sizes = fontSizes()
    expect(new Set(sizes.map(([level]) => level))).toEqual(new Set(['near', 'mid', 'small']))
    for (const [level, size] of sizes) expect(size, level).toBeGreaterThanOrEqual(smallestFont(level as Detail) - 0.05)
  })
})
