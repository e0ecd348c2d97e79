/** The messages between the page and the player worker. */
import type { GameState, ValueUnit } from '../generated/wire'
import type { BoardLook } from './board_painter'
import type { EnabledExperts, LoadedNetwork, Problem, SearchDepth, Speed, TestState, Thought, WatchState } from './types'

/** The two games that a network can play at the same time: the one that is watched, and the one of a race. */
export type GameName = 'watch' | 'race'

/** A game as it was when its worker died: its seed and moves, the values that were shown, and where it stood. */
export interface KeptGame {
  seed: number
  actions: number[]
  values: number[]
  index: number
  /** the depths of search of its moves */
  searched: SearchDepth[]
}

/** What is done with a game; `start` and `restore` replace it. */
export type GameOrder =
  /** with `plays` it plays; without, it plays or is paused as the game before */
  | { do: 'start'; seed: number; plays: boolean }
  | { do: 'restore'; game: KeptGame }
  | { do: 'play' }
  | { do: 'pause' }
  | { do: 'step' }
  | { do: 'go'; index: number }
  | { do: 'back' }
  | { do: 'speed'; speed: Speed }
  | { do: 'show'; action: number | null }

export interface NetworkFile {
  id: string
  bytes: ArrayBuffer
  /** whether it is the file with the inspection outputs */
  inspected: boolean
  /** used where the file itself does not tell */
  valuesAfterstates: boolean
  /** null where it is not known; then there is no search */
  valueUnit: ValueUnit | null
}

/** Asked of the worker; it answers each with the same `id`. */
export type Order =
  | { type: 'load'; file: NetworkFile; enabled: EnabledExperts }
  | { type: 'unload' }
  | { type: 'experts'; path: string; enabled: boolean[] }
  | { type: 'think'; state: GameState; move: number | null }
  | { type: 'game'; game: GameName; order: GameOrder }
  | { type: 'test'; games: number; firstSeed: number; plain: ArrayBuffer | null }
  | { type: 'stop-test' }

export type ToPlayer =
  | { type: 'order'; id: number; order: Order }
  /** a new port to the rules, because Python was started or restarted */
  | { type: 'rules'; port: MessagePort }
  | { type: 'rules-failed'; detail: string }
  | { type: 'hidden'; hidden: boolean }
  /** from now on look so far ahead */
  | { type: 'search'; depth: SearchDepth }
  /** draw the watched game on this canvas; with null, stop drawing */
  | { type: 'canvas'; canvas: OffscreenCanvas; look: BoardLook }
  | { type: 'canvas'; canvas: null }
  | { type: 'look'; look: BoardLook }
  /** the stores of the page have what was sent last */
  | { type: 'applied' }

/** A game without the values and moves that the page has already. */
export interface ShownGame extends Omit<WatchState, 'values' | 'actions'> {
  changed: Changed
}

/** The values of the positions from index `from` on, and the moves that led to them; what was before stays. */
export interface Changed {
  from: number
  values: number[]
  actions: number[]
}

/** The newest state of what is shown; parts that did not change are absent. */
export interface Shown {
  watch?: ShownGame
  race?: ShownGame
  test?: TestState
  latencyMs?: number
}

export type FromPlayer =
  | { type: 'answer'; id: number; value: LoadedNetwork | Thought | null }
  /** `problem`: the network or the rules cannot continue; without it, only this order was refused */
  | { type: 'error'; id: number; text: string; problem?: Problem }
  | { type: 'shown'; shown: Shown }
  /** the board is on the canvas */
  | { type: 'painted' }
  /** the loop of a game or a test ended because of this */
  | { type: 'problem'; problem: Problem }
