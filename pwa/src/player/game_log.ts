/** One game of a network from its start: states, moves, values, and which experts were chosen. */
import type { GameState } from '../generated/wire'
import type { Changed } from './messages'
import { choicesOf } from './thought'
import { movesBefore, type SearchDepth, type Thought } from './types'

const USAGE_MOVES = 100

export class GameLog {
  readonly states: GameState[]
  readonly values: number[] = []
  private readonly actions: number[] = []
  /** the depths of search by which the moves were chosen */
  private readonly depths: SearchDepth[] = []
  /** undefined at positions whose game was restored and that were not looked at since */
  private readonly choices: (Record<string, number[]> | undefined)[] = []
  /** the first entry of `values` that changed since `takeChanged` */
  private changed = 0

  constructor(start: GameState) {
    this.states = [start]
  }

  get length(): number {
    return this.actions.length
  }

  get over(): boolean {
    return !this.state(this.length).legal.includes(true)
  }

  state(index: number): GameState {
    const state = this.states[index]
    if (!state) throw new RangeError(`the game has ${this.length} moves, not ${index}`)
    return state
  }

  /** The move from a position; undefined for the last one. */
  action(index: number): number | undefined {
    return this.actions[index]
  }

  /** Note a move from a position. The later part of the game stays where the move is the same as before, and is dropped otherwise. */
  played(index: number, action: number, state: GameState, searched: SearchDepth = 0): void {
    if (this.actions[index] === action) return
    this.actions.length = index
    this.depths.length = index
    this.states.length = index + 1
    this.values.length = Math.min(this.values.length, index + 1)
    this.choices.length = Math.min(this.choices.length, index + 1)
    this.changed = Math.min(this.changed, this.values.length)
    this.actions.push(action)
    this.depths.push(searched)
    this.states.push(state)
  }

  /** Note what the network thinks of a position, again where the experts changed. */
  thought(index: number, thought: Thought): void {
    if (this.values[index] !== thought.value) this.changed = Math.min(this.changed, index)
    this.values[index] = thought.value
    this.choices[index] = choicesOf(thought)
  }

  /** The different depths of search of the moves before a position, small ones first. */
  searched(index: number): SearchDepth[] {
    return [...new Set(this.depths.slice(0, index))].sort()
  }

  /** Shares of the experts over the last positions up to this one; they sum to 1. */
  usage(index: number): Record<string, number[]> {
    const sums: Record<string, number[]> = {}
    for (const choices of this.choices.slice(Math.max(0, index + 1 - USAGE_MOVES), index + 1)) {
      for (const [path, counts] of Object.entries(choices ?? {})) {
        sums[path] = counts.map((count, expert) => count + (sums[path]?.[expert] ?? 0))
      }
    }
    return Object.fromEntries(Object.entries(sums).map(([path, sum]) => [path, shares(sum)]))
  }

  /** Take over the values of a game that is restored. */
  restoreValues(values: readonly number[]): void {
    this.values.splice(0, this.values.length, ...values.slice(0, this.states.length))
  }

  /** Where the values that changed since the last call begin, these values, and the moves that led to them. */
  takeChanged(): Changed {
    const from = this.changed
    this.changed = this.values.length
    return { from, values: this.values.slice(from), actions: this.actions.slice(movesBefore(from)) }
  }
}

function shares(counts: readonly number[]): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0)
  return counts.map((count) => (total > 0 ? count / total : 0))
}
