import { afterEach, describe, expect, it, vi } from 'vitest'
import { BUCKETS, bucketOf, heatStore, RAMP, showGameUsage, showUsage, usageOf } from './expert_heat'

describe('the ramp', () => {
  it('grows lighter from idle to double', () => {
    const light = RAMP.map((colour) => {
      const [r = 0, g = 0, b = 0] = colour.match(/\d+/g)?.map(Number) ?? []
      return 0.2126 * r + 0.7152 * g + 0.0722 * b
    })
    expect(light).toHaveLength(BUCKETS)
    for (let index = 1; index < light.length; index++) expect(light[index]).toBeGreaterThan(light[index - 1] as number)
  })

  it('has a colour at an even share, where grey would look disabled', () => {
    const [r = 0, g = 0, b = 0] = RAMP[bucketOf(1 / 4, 4)]?.match(/\d+/g)?.map(Number) ?? []
    expect(Math.max(r, g, b) - Math.min(r, g, b)).toBeGreaterThan(60)
  })

  it('has an even share in its middle, whatever the number of experts', () => {
    for (const count of [2, 4, 8]) expect(Math.abs(bucketOf(1 / count, count) - (BUCKETS - 1) / 2)).toBeLessThanOrEqual(0.5)
  })

  it('ends at nothing and at double', () => {
    expect(bucketOf(0, 4)).toBe(0)
    expect(bucketOf(0.5, 4)).toBe(BUCKETS - 1)
    expect(bucketOf(1, 4)).toBe(BUCKETS - 1)
  })
})

describe('the usage in a game', () => {
  vi.stubGlobal('requestAnimationFrame', () => 1)
  afterEach(() => {
    showGameUsage(null)
    showUsage({})
  })

  it('is shown in place of the run’s, which follows when the game is left', () => {
    showUsage({ c6: [0.5, 0.5] }, { c6: [1] })
    showGameUsage({ c6: [0.9, 0.1] })
    expect(usageOf('c6')).toEqual([0.9, 0.1])
    expect(heatStore.getState()).toEqual({ source: 'game', experts: { c6: 2 }, dead: {}, of: 'cells' })
    showUsage({ c6: [0.2, 0.8] }, { c6: [0] })
    expect(usageOf('c6')).toEqual([0.9, 0.1])
    showGameUsage(null)
    expect(usageOf('c6')).toEqual([0.2, 0.8])
    expect(heatStore.getState()).toEqual({ source: 'run', experts: { c6: 2 }, dead: { c6: [0] }, of: 'cells' })
  })

  it('says whether cells or whole boards are shared', () => {
    showUsage({ c6: [1, 0] }, {}, ['c6'])
    expect(heatStore.getState().of).toBe('boards')
    showGameUsage({ c6: [1, 0], c7: [0.5, 0.5] }, ['c6'])
    expect(heatStore.getState().of).toBe('both')
  })
})
