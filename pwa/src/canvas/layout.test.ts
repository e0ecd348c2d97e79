import { describe, expect, it } from 'vitest'
import { BLOCK_HEIGHT, BLOCK_WIDTH, GRID } from '../document/geometry'
import { templates } from '../document/templates'
import { autoLayout } from './layout'

describe('autoLayout', () => {
  it('puts every block of every template on the grid, none on another, every edge downwards', () => {
    for (const design of templates) {
      const places = new Map(autoLayout(design).map((place) => [place.id, place]))
      expect(places.size).toBe(design.components.length)
      const all = [...places.values()]
      for (const { x, y } of all) expect([Math.abs(x % GRID), Math.abs(y % GRID)]).toEqual([0, 0])
      for (const a of all) {
        for (const b of all) {
          if (a.id >= b.id) continue
          const apart = Math.abs(a.x - b.x) >= BLOCK_WIDTH || Math.abs(a.y - b.y) >= BLOCK_HEIGHT
          expect(apart).toBe(true)
        }
      }
      for (const [source, target] of design.edges) {
        expect(places.get(target)?.y ?? 0).toBeGreaterThan(places.get(source)?.y ?? 0)
      }
    }
  })
})
