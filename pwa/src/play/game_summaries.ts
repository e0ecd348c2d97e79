/** Sums up the test games that were played on the phone, for comparison with those of the server. */

import type { ExportEvaluation, PlayedGames } from '../generated/wire'
import type { TestResult } from '../player/types'
import { faceOf } from '../ui/tiles'
import { labelled } from './search_words'

/** How many games a test has. */
export const TEST_GAMES = 100

/** Each test plays the games of the same seeds, so that networks can be compared. */
export const FIRST_TEST_SEED = 1_000_000

export interface Summary {
  games: number
  mean: number
  median: number
  /** share of the games by largest tile, keyed by its face value */
  tiles: Record<string, number>
}

/** The summary of games; null without any. */
export function summaryOf(results: readonly TestResult[]): Summary | null {
  if (results.length === 0) return null
  const scores = results.map(({ score }) => score).sort((a, b) => a - b)
  const tiles: Record<string, number> = {}
  for (const { largest } of results) tiles[faceOf(largest)] = (tiles[faceOf(largest)] ?? 0) + 1 / results.length
  return { games: scores.length, mean: meanOf(scores), median: medianOf(scores), tiles }
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

function medianOf(sorted: readonly number[]): number {
  const middle = sorted.length / 2
  const upper = sorted[Math.floor(middle)] as number
  return Number.isInteger(middle) ? ((sorted[middle - 1] as number) + upper) / 2 : upper
}

/** Share of the games whose largest tile is this one or a larger one. */
export const reached = ({ tiles }: Summary, face: number): number =>
  Object.entries(tiles).reduce((sum, [tile, share]) => (Number(tile) >= face ? sum + share : sum), 0)

export interface ComparedRow {
  name: string
  summary: Summary
  /** whether it is a rule for comparison */
  rule?: boolean
}

const ofRule = ({ games, mean_score, median_score, max_tile_frequency }: PlayedGames): Summary => ({
  games,
  mean: mean_score,
  median: median_score,
  tiles: max_tile_frequency,
})

/** The rows of the comparison: this phone, the server's newest test of the run, and the two rules. `label` is of this phone. */
export function playersOf(
  phone: Summary | null,
  evaluation: ExportEvaluation | null,
  label: string | null = null,
): ComparedRow[] {
  const players: ComparedRow[] = phone ? [{ name: labelled('This phone', label), summary: phone }] : []
  if (!evaluation) return players
  const { games, mean, median, max_tile_frequency, baselines } = evaluation
  players.push({ name: 'Server', summary: { games, mean, median, tiles: max_tile_frequency } })
  const { greedy, random } = baselines
  if (greedy) players.push({ name: 'Greedy rule', summary: ofRule(greedy), rule: true })
  if (random) players.push({ name: 'Random', summary: ofRule(random), rule: true })
  return players
}

const SHOWN_TILES = 5
const MIN_SHARE = 0.005

/** The largest tiles worth a column: those that anyone reached, small ones first. */
export function tilesToCompare(players: readonly ComparedRow[]): number[] {
  const faces = new Set(
    players.flatMap(({ summary }) =>
      Object.entries(summary.tiles).flatMap(([face, share]) => (share > MIN_SHARE ? [Number(face)] : [])),
    ),
  )
  return [...faces].sort((a, b) => a - b).slice(-SHOWN_TILES)
}
