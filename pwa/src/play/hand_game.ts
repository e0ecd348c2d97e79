/** A game that a person plays: moves by the rules in Python, one after the other; it is remembered until the next one. */

import { createStore, type StoreApi } from 'zustand/vanilla'
import type { GameRecord } from '../generated/wire'
import { persisted, recordOf } from '../lib/persisted'
import { newGame, playMove, replay } from '../player/player'
import type { Position } from '../player/types'
import { noteScore } from './play_state'

export interface Hand {
  position: Position | null
  /** the moves so far, as a recorded game has them */
  actions: string
  over: boolean
  /** why the last order could not be carried out */
  trouble: string | undefined
}

const LETTERS = 'urdl'
/** presses that wait while a move is computed; more would be moves that the person no longer sees coming */
const MAX_WAITING = 2

const none: Hand = { position: null, actions: '', over: false, trouble: undefined }

export interface HandGame {
  store: StoreApi<Hand>
  /** Go on with the remembered game if it is not over, or begin one with a seed; nothing where a game is there already. */
  open(seed: number): Promise<void>
  start(seed: number): Promise<void>
  /** Make a move; nothing where it is not legal. */
  press(action: number): void
  /** Resolves when the moves pressed so far were made. */
  settled(): Promise<void>
}

function isRecord(stored: unknown): stored is GameRecord {
  const { seed, actions, score } = recordOf<unknown>(stored)
  return typeof seed === 'number' && typeof actions === 'string' && /^[urdl]*$/.test(actions) && typeof score === 'number'
}

/** A game remembered under `key`. */
export function handGame(key: string): HandGame {
  const store = createStore<Hand>(() => none)
  const record = persisted(key, (stored) => (isRecord(stored) ? stored : null))
  let turn: Promise<void> = Promise.resolve()
  let waiting = 0
  let games = 0
  let opening: Promise<void> | undefined

  function show(position: Position, actions: string): void {
    const { seed, score, legal } = position.state
    store.setState({ position, actions, over: !legal.includes(true), trouble: undefined })
    record.write({ seed, actions, score })
    noteScore(score)
  }

  async function begin(game: number, seed: number, remembered: GameRecord | null): Promise<void> {
    try {
      const before = remembered && (await replay(remembered).catch(() => null))
      const goesOn = before?.legal.includes(true) === true
      const state = goesOn ? before : await newGame(seed)
      if (game === games) show({ state, move: null, thought: null }, goesOn && remembered ? remembered.actions : '')
    } catch (error) {
      if (game === games) store.setState({ trouble: wordsOf(error) })
    }
  }

  async function play(game: number, action: number): Promise<void> {
    const { position, actions } = store.getState()
    if (game !== games || !position?.state.legal[action]) return
    try {
      const move = await playMove(position.state, action)
      if (game === games) show({ state: move.state, move, thought: null }, actions + LETTERS[action])
    } catch (error) {
      if (game === games) store.setState({ trouble: wordsOf(error) })
    }
  }

  return {
    store,
    open(seed) {
      if (store.getState().position) return Promise.resolve()
      opening ??= begin(++games, seed, record.read()).finally(() => {
        opening = undefined
      })
      return opening
    },
    start: (seed) => begin(++games, seed, null),
    press(action) {
      if (waiting > MAX_WAITING) return
      const game = games
      waiting += 1
      turn = turn
        .then(() => play(game, action))
        .finally(() => {
          waiting -= 1
        })
    },
    settled: () => turn,
  }
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
