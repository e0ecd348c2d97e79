/** What the player engine shows of a network, of its games and of its thoughts. */
import type { GameState, PlayedMove } from '../generated/wire'

/** Where each cell, or the whole board, was routed by one mixture of experts. */
export interface ShownRouting {
  experts: number
  /**
   * one entry for each shown board, which is one: the gate weights [cell * experts + expert], 0 for experts that were not chosen;
   * where whole boards are routed [expert] alone
   */
  layers: number[][]
}

/** Where each cell looks in one attention layer. */
export interface ShownAttention {
  heads: number
  /** (heads, 16, 16): row of the cell that looks, column of the cell that is looked at; without the class token */
  weights: Float32Array
}

/** How many layers of new tile and best move a network looks ahead; 0: it does not search. */
export type SearchDepth = 0 | 1 | 2
export const SEARCH_DEPTHS: readonly SearchDepth[] = [0, 1, 2]

/** The network's output for one board. With search, move, probabilities, logits and value are those of the search. */
export interface Thought {
  /** the legal move with the largest logit: 0 up, 1 right, 2 down, 3 left; 0 when the game is over */
  action: number
  /** of the four moves, by softmax; 0 for moves that are not legal */
  probabilities: number[]
  logits: number[]
  value: number
  /** by the path of the mixture; empty where the network cannot be inspected */
  routing: Record<string, ShownRouting>
  /** by the path of the attention layer */
  attention: Record<string, ShownAttention>
  /** for networks that value boards after moves: the move whose board `routing` and `attention` belong to */
  ofMove: number | null
  /** how far it looked ahead */
  searched: SearchDepth
}

export interface Position {
  state: GameState
  /** the move that led here */
  move: PlayedMove | null
  /** what the network would do here */
  thought: Thought | null
}

export interface LoadedNetwork {
  id: string
  /** mixtures of experts, in the order of the network */
  routers: { path: string; experts: number; wholeBoards?: true }[]
  attentions: { path: string; heads: number }[]
  /** whether the network sees the boards after each move, never the displayed one */
  valuesAfterstates: boolean
  /** whether routing and attention can be shown and experts switched off */
  inspected: boolean
  /** whether the unit of its values is known, so that it can search */
  searches: boolean
}

export type ProblemReason = 'no-runtime' | 'no-simd' | 'out-of-memory' | 'full' | 'damaged' | 'python' | 'unknown'

export interface Problem {
  reason: ProblemReason
  /** a sentence for the person */
  text: string
}

/** Which experts are enabled, by the path of the mixture. */
export type EnabledExperts = Record<string, boolean[]>

export interface PlayerState {
  status: 'off' | 'loading' | 'ready' | 'failed'
  problem: Problem | null
  network: LoadedNetwork | null
  enabled: EnabledExperts
  /** typical time of the network for one board, in milliseconds; null before the first one */
  latencyMs: number | null
}

/** Moves a second. */
export type Speed = 1 | 2 | 5 | 10 | 'max'

/** A game that the network plays, at the position that is shown. */
export interface WatchState {
  position: Position | null
  /** of the shown position: the number of moves before it */
  index: number
  /** number of moves of the game so far */
  length: number
  playing: boolean
  speed: Speed
  /** whether the last position of the game has no legal move */
  over: boolean
  /** the network's value at each position of the game, one for each position that it has evaluated so far */
  values: number[]
  /** the moves of the game so far */
  actions: number[]
  /** shares of the experts of each mixture over up to 100 positions that end with the shown one; they sum to 1 */
  usage: Record<string, number[]>
  /** the different depths of search by which the moves before the shown position were chosen, small ones first */
  searched: SearchDepth[]
  movesPerSecond: number
}

export interface TestResult {
  seed: number
  score: number
  /** exponent of the largest tile */
  largest: number
  moves: number
}

export interface TestState {
  running: boolean
  done: number
  total: number
  /** of all games so far, also of those that go on */
  moves: number
  /** in the order in which the games ended */
  results: TestResult[]
  movesPerSecond: number
  /** whether experts were switched off in these games */
  expertsOff: boolean
  /** how far ahead the network looked in these games */
  searched: SearchDepth
}

export const noPlayer: PlayerState = { status: 'off', problem: null, network: null, enabled: {}, latencyMs: null }

export const noGame: WatchState = {
  position: null,
  index: 0,
  length: 0,
  playing: false,
  speed: 2,
  over: false,
  values: [],
  actions: [],
  usage: {},
  searched: [],
  movesPerSecond: 0,
}

export const noTest: TestState = {
  ...{ running: false, done: 0, total: 0, moves: 0, results: [], movesPerSecond: 0 },
  expertsOff: false,
  searched: 0,
}

/** The number of moves that lead to positions before this one, which stay when this position and later ones change. */
export const movesBefore = (index: number): number => Math.max(0, index - 1)
