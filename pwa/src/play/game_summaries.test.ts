import { describe, expect, it } from 'vitest'
import type { ExportEvaluation } from '../generated/wire'
import { playersOf, reached, summaryOf, tilesToCompare } from './game_summaries'

const game = (score: number, largest: number) => ({ seed: 1, score, largest, moves: 10 })

describe('test games', () => {
  it('have a mean, a median and the shares of their largest tiles', () => {
    const summary = summaryOf([game(100, 4), game(400, 6), game(200, 5), game(500, 6)])
    expect(summary).toEqual({ games: 4, mean: 300, median: 300, tiles: { 16: 0.25, 32: 0.25, 64: 0.5 } })
    expect(summaryOf([game(3, 1), game(1, 1), game(8, 1)])?.median).toBe(3)
    expect(summaryOf([])).toBeNull()
  })

  it('reach a tile when their largest is that or a larger one', () => {
    const summary = { games: 4, mean: 0, median: 0, tiles: { 16: 0.25, 32: 0.25, 64: 0.5 } }
    expect([16, 32, 64, 128].map((face) => reached(summary, face))).toEqual([1, 0.75, 0.5, 0])
  })

  it('stand beside the server’s test and the rules', () => {
    const rule = { games: 10, mean_score: 5, median_score: 4, quartiles: [1, 9], max_tile_frequency: { 128: 1 } } as const
    const evaluation: ExportEvaluation = {
      ...{ mean: 50, median: 40, games: 20, max_tile_frequency: { 512: 0.001, 256: 0.999 } },
      baselines: { greedy: { ...rule, quartiles: [1, 9] }, random: { ...rule, quartiles: [1, 9] } },
    }
    const players = playersOf(summaryOf([game(100, 4)]), evaluation)
    expect(players.map(({ name, rule }) => [name, rule])).toEqual([
      ['This phone', undefined],
      ['Server', undefined],
      ['Greedy rule', true],
      ['Random', true],
    ])
    expect(tilesToCompare(players)).toEqual([16, 128, 256])
    expect(playersOf(null, null)).toEqual([])
  })
})
