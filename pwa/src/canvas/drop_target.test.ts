import { describe, expect, it } from 'vitest'
import { BLOCK_HEIGHT, BLOCK_WIDTH } from '../document/geometry'
import { nameIn } from '../document/names'
import { sampleDesign } from '../document/test_designs'
import type { Target } from '../editor/connection_targets'
import type { Problem } from '../generated/wire'
import { aimAt, blockAt } from './drop_target'

const design = sampleDesign()
const [first, second, third] = design.components as [
  (typeof design.components)[0],
  (typeof design.components)[0],
  (typeof design.components)[0],
]
const none: ReadonlyMap<string, Target> = new Map()

describe('the block that a finger means', () => {
  it('is the one under it, else one nearly under it', () => {
    const middle = { x: second.x + BLOCK_WIDTH / 2, y: second.y + BLOCK_HEIGHT / 2 }
    expect(blockAt(design.components, first.id, middle, 1)).toBe(second)
    const aside = { x: second.x - 20, y: middle.y }
    expect(blockAt(design.components, first.id, aside, 1)).toBe(second)
    expect(blockAt(design.components, first.id, aside, 2)).toBeUndefined()
  })

  it('is never the one where the connection begins', () => {
    const middle = { x: first.x + BLOCK_WIDTH / 2, y: first.y + BLOCK_HEIGHT / 2 }
    expect(blockAt(design.components, first.id, middle, 1)).toBeUndefined()
  })
})

describe('the hint beside the finger', () => {
  it('is why a rule forbids the connection', () => {
    expect(aimAt(design, [third.id, second.id], second.id, none)).toMatchObject({ id: second.id, refused: true })
    expect(aimAt(design, [third.id, second.id], second.id, none).text).toContain('cycle')
  })

  it('is what Python answered', () => {
    const refusal = { code: 'x', message: 'No such shape', component_id: null, field: null, params: {} } as unknown as Problem
    const last = design.components.at(-1)?.id ?? ''
    const known = new Map([[last, { id: last, refusal, byRule: false }]])
    expect(aimAt(design, [second.id, last], last, known)).toEqual({ id: last, text: 'No such shape', refused: true })
  })

  it('is what would be replaced', () => {
    const full = design.components.find(({ id }) => design.edges.some(([source, to]) => to === id && source === third.id))
    if (!full) throw new Error('nothing is fed')
    expect(aimAt(design, [second.id, full.id], full.id, none)).toEqual({
      id: full.id,
      text: `Replaces the connection from ${nameIn(design, third.id)}`,
      refused: false,
    })
  })
})
