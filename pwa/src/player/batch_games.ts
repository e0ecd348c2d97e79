/** Test games of a network, many at once: the rules play the moves of one group while the network looks at the other. */
import type { GameState } from '../generated/wire'
import type { RulesPort } from '../python/rules_port'
import { Pace } from './pace'
import { noTest, type SearchDepth, type TestResult, type TestState } from './types'

/** games in a batch, by the depth of search: a search shows the network many boards of each, and results are to come soon */
export const BATCHES: Record<SearchDepth, number> = { 0: 64, 1: 16, 2: 4 }
const GROUPS = 2

export interface BatchParts {
  rules: Pick<RulesPort, 'newGames' | 'playMoves'>
  /** the moves of the network; may reject soon after `isWanted` says no */
  choose(states: readonly GameState[], isWanted: () => boolean): Promise<number[]>
  /** called after every change of the state */
  changed(): void
}

export class BatchGames {
  private state: TestState
  private stopped = false
  private nextSeed: number
  private readonly endSeed: number
  private readonly pace = new Pace()

  constructor(
    private readonly parts: BatchParts,
    games: number,
    firstSeed: number,
    about: { expertsOff: boolean; searched: SearchDepth },
  ) {
    this.state = { ...noTest, running: true, total: games, ...about }
    this.nextSeed = firstSeed
    this.endSeed = firstSeed + games
  }

  /** Play all games; rejects at the first error, and the results until then stay. */
  async play(): Promise<void> {
    this.parts.changed()
    try {
      const size = Math.min(BATCHES[this.state.searched], Math.ceil(this.state.total / GROUPS))
      await Promise.all(Array.from({ length: GROUPS }, () => this.playGroup(size)))
    } finally {
      this.stopped = true
      this.change({ running: false })
    }
  }

  stop(): void {
    this.stopped = true
    this.pace.interrupt()
  }

  setHidden(hidden: boolean): void {
    this.pace.setHidden(hidden)
  }

  shown(): TestState {
    return this.state
  }

  private async playGroup(size: number): Promise<void> {
    let states = await this.newGames(size)
    while (states.length > 0) {
      await this.pace.next('max')
      if (this.stopped) return
      const actions = await this.choose(states)
      if (!actions) return
      const moves = await this.parts.rules.playMoves(states, actions, false)
      this.pace.made(moves.length)
      const after = moves.map((move) => move.state)
      const over = after.filter((state) => !state.legal.includes(true))
      const started = await this.newGames(over.length)
      states = [...after.filter((state) => state.legal.includes(true)), ...started]
      this.change({
        done: this.state.done + over.length,
        results: over.length > 0 ? [...this.state.results, ...over.map(resultOf)] : this.state.results,
        moves: this.state.moves + moves.length,
        movesPerSecond: this.pace.movesPerSecond,
      })
    }
  }

  /** The moves of these games; null where the test was stopped meanwhile. */
  private async choose(states: readonly GameState[]): Promise<number[] | null> {
    try {
      const actions = await this.parts.choose(states, () => !this.stopped)
      return this.stopped ? null : actions
    } catch (error) {
      if (this.stopped) return null
      throw error
    }
  }

  /** The starts of the next games, up to the given number; fewer when all have been started. */
  private async newGames(count: number): Promise<GameState[]> {
    const seeds = Array.from({ length: Math.min(count, this.endSeed - this.nextSeed) }, (_, index) => this.nextSeed + index)
    this.nextSeed += seeds.length
    return seeds.length > 0 ? this.parts.rules.newGames(seeds) : []
  }

  private change(part: Partial<TestState>): void {
    this.state = { ...this.state, ...part }
    this.parts.changed()
  }
}

const resultOf = ({ seed, score, board, n_moves }: GameState): TestResult => ({
  seed,
  score,
  largest: Math.max(...board),
  moves: n_moves,
})
