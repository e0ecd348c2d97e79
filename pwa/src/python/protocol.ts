/** The messages between the page and the Python worker. */

import type { LoadProgress } from './load_progress'

export type CallKind =
  | 'validate'
  | 'generate'
  | 'can_connect'
  | 'find_place'
  | 'fitting_blocks'
  | 'forecast'
  | 'recipes'
  | 'plan_sweep'
  | 'upgrade'
  | 'difference'

export interface Call {
  id: number
  kind: CallKind
  args: string[]
}

/** The rules of the game; they are called over ports, by the page and by the player worker. */
export type RulesKind = 'new_games' | 'play_moves' | 'replay_game' | 'boards_after' | 'search_tree'

export interface RulesCall {
  id: number
  kind: RulesKind
  args: string[]
}

/** Gives the worker a port for `RulesCall`s; it answers on the port as it answers the page. */
export interface PortOffer {
  type: 'port'
  port: MessagePort
}

/** What the worker sends back. */
export type Reply =
  | { type: 'ready' }
  /** how much of the pack has arrived, while it is loaded for the first time */
  | { type: 'loading'; progress: LoadProgress }
  /** `interrupted`: a file could not be fetched whole, so that the next start may succeed */
  | { type: 'failed'; detail: string; interrupted?: boolean }
  | { type: 'answer'; id: number; bytes: ArrayBuffer }
  | { type: 'error'; id: number; detail: string }
