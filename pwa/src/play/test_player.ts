/** A player for tests of the screen: stores to set, and orders that are only noted. Its rules know one move, which adds a tile. */

import { vi } from 'vitest'
import { createStore } from 'zustand/vanilla'
import type { GameRecord, GameState, PlayedMove } from '../generated/wire'
import {
  type LoadedNetwork,
  noGame,
  noPlayer,
  noTest,
  type PlayerState,
  type Position,
  type SearchDepth,
  type TestState,
  type Thought,
  type WatchState,
} from '../player/types'

type Board = GameState['board']

/** A board of exponents with some cells filled. */
export const boardOf = (cells: Record<number, number>): Board => Object.assign(Array(16).fill(0), cells) as Board

/** A state in which every move is legal, until it has `end` moves. */
export function stateOf(seed: number, moves = 0, end = 100): GameState {
  const legal = moves < end
  return {
    ...{ seed, board: boardOf({ 0: 1, 5: 2, 15: (moves % 10) + 1 }), score: 4 * moves, n_moves: moves, n_tiles: 2 + moves },
    legal: [legal, legal, legal, legal],
  }
}

/** The move after a state; tiles slide from their cells to the same cells. */
export function moveOf(state: GameState, action: number, end = 100): PlayedMove {
  const next = stateOf(state.seed, state.n_moves + 1, end)
  return {
    ...{ action, points: 4, afterstate: next.board, new_cell: 15, new_exponent: 1, state: next },
    motions: state.board.flatMap((exponent, cell) => (exponent ? [{ source: cell, target: cell, merges: false }] : [])),
  }
}

export function thoughtOf(change: Partial<Thought> = {}): Thought {
  return {
    ...{ action: 0, probabilities: [0.4, 0.3, 0.2, 0.1], logits: [4, 3, 2, 1], value: 120 },
    ...{ routing: {}, attention: {}, ofMove: null, searched: 0 as const },
    ...change,
  }
}

export const positionOf = (state: GameState, thought: Thought | null = thoughtOf()): Position => ({ state, move: null, thought })

export const network = (change: Partial<LoadedNetwork> = {}): LoadedNetwork => ({
  ...{ id: 'r1-100', routers: [], attentions: [], valuesAfterstates: false, inspected: true, searches: true },
  ...change,
})

const controls = () => ({
  start: vi.fn(async () => {}),
  newGame: vi.fn(async () => {}),
  play: vi.fn(async () => {}),
  pause: vi.fn(async () => {}),
  step: vi.fn(async () => {}),
  stepBack: vi.fn(async () => {}),
  setSpeed: vi.fn(async () => {}),
  goTo: vi.fn(async () => {}),
  showMove: vi.fn(async () => {}),
})

/** What `player/player` has. */
export const fakePlayer = () => ({
  playerStore: createStore<PlayerState>(() => noPlayer),
  watchStore: createStore<WatchState>(() => noGame),
  raceStore: createStore<WatchState>(() => noGame),
  testStore: createStore<TestState>(() => noTest),
  watch: controls(),
  race: controls(),
  setSearch: vi.fn((_depth: SearchDepth) => {}),
  test: { start: vi.fn(async () => {}), stop: vi.fn(async () => {}) },
  loadNetwork: vi.fn(async (id: string) => network({ id })),
  unload: vi.fn(),
  setExperts: vi.fn(async () => {}),
  painting: {
    begin: vi.fn((_canvas: unknown, _look: unknown, _painted: () => void) => {}),
    change: vi.fn((_look: unknown) => {}),
    end: vi.fn(),
  },
  think: vi.fn(async (_state: GameState, _move?: number) => thoughtOf()),
  raceGame: vi.fn(async (_seed: number) => {}),
  newGame: vi.fn(async (seed: number) => stateOf(seed)),
  playMove: vi.fn(async (state: GameState, action: number) => moveOf(state, action)),
  replay: vi.fn(async ({ seed, actions }: GameRecord) => stateOf(seed, actions.length)),
  boardsAfter: vi.fn(async (board: readonly number[]) => [board, board, board, board].map((each) => [...each])),
})

export type FakePlayer = ReturnType<typeof fakePlayer>
