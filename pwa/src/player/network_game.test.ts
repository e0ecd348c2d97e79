import { expect, test } from 'vitest'
import type { GameState, PlayedMove } from '../generated/wire'
import { NetworkGame } from './network_game'
import { aState } from './test_player'
import type { Thought } from './types'

const thought: Thought = {
  action: 1,
  logits: [0, 1, 0, 0],
  probabilities: [0, 1, 0, 0],
  value: 0,
  ofMove: null,
  searched: 0 as const,
  routing: {},
  attention: {},
}

const after = (state: GameState): GameState => ({ ...state, n_moves: state.n_moves + 1 })

/** A game whose thoughts wait, from `hold` on until `release` is called. */
function heldGame() {
  let held: Promise<void> | undefined
  let release = () => {}
  let waits = () => {}
  const failures: unknown[] = []
  /** each change of what is shown: the number of moves, and whether the game plays */
  const changes: [number, boolean][] = []
  const game: NetworkGame = new NetworkGame({
    rules: {
      newGames: async (seeds) => seeds.map((seed) => ({ ...aState(), seed })),
      playMoves: async (states) => states.map((state) => ({ state: after(state), motions: [] }) as unknown as PlayedMove),
    },
    think: async () => {
      if (held) waits()
      await held
      return thought
    },
    changed: () => {
      const { index, playing } = game.shown()
      changes.push([index, playing])
    },
    failed: (error) => failures.push(error),
  })
  return {
    game,
    failures,
    changes,
    /** Let every thought wait; resolves when one does. */
    hold(): Promise<void> {
      held = new Promise((resolve) => {
        release = resolve
      })
      return new Promise((resolve) => {
        waits = resolve
      })
    },
    release(): void {
      held = undefined
      release()
    },
  }
}

test('a move that is not known yet when the game is paused is not made', async () => {
  const { game, hold, release, failures } = heldGame()
  await game.follow({ do: 'start', seed: 1, plays: false })
  const waits = hold()
  await game.follow({ do: 'play' })
  await waits
  await game.follow({ do: 'pause' })
  expect(game.shown()).toMatchObject({ playing: false, index: 0 })
  release()
  await game.reconsider()
  expect(game.shown()).toMatchObject({ playing: false, index: 0, length: 0 })
  await game.follow({ do: 'step' })
  expect(game.shown()).toMatchObject({ index: 1, length: 1 })
  expect(failures).toEqual([])
})

test('a step while the game plays is one move from the shown position', async () => {
  const { game, hold, release } = heldGame()
  await game.follow({ do: 'start', seed: 1, plays: false })
  const waits = hold()
  await game.follow({ do: 'play' })
  await waits
  const step = game.follow({ do: 'step' })
  release()
  await step
  expect(game.shown()).toMatchObject({ playing: false, index: 1, length: 1 })
})

test('a game that is paused and played again makes each move once', async () => {
  const { game, hold, release } = heldGame()
  await game.follow({ do: 'start', seed: 1, plays: false })
  const waits = hold()
  await game.follow({ do: 'play' })
  await waits
  await game.follow({ do: 'pause' })
  const play = game.follow({ do: 'play' })
  release()
  await play
  await game.follow({ do: 'step' })
  const { index, position } = game.shown()
  expect(index).toBe(position?.state.n_moves)
})

test('a game that plays from its start is never shown as a paused one', async () => {
  const { game, changes } = heldGame()
  await game.follow({ do: 'start', seed: 1, plays: true })
  expect(changes[0]).toEqual([0, true])
  expect(changes.every(([, playing]) => playing)).toBe(true)
  await game.follow({ do: 'pause' })
  expect(game.shown().playing).toBe(false)
})

test('a game that is over does not play on, and another one begins after it', async () => {
  const ended = (state: GameState): GameState => ({ ...after(state), legal: [false, false, false, false] })
  const game: NetworkGame = new NetworkGame({
    rules: {
      newGames: async (seeds) => seeds.map((seed) => ({ ...aState(), seed })),
      playMoves: async (states) => states.map((state) => ({ state: ended(state), motions: [] }) as unknown as PlayedMove),
    },
    think: async () => thought,
    changed: () => {},
    failed: () => {},
  })
  await game.follow({ do: 'speed', speed: 'max' })
  await game.follow({ do: 'start', seed: 1, plays: false })
  await game.follow({ do: 'step' })
  expect(game.shown()).toMatchObject({ over: true, index: 1 })
  await game.follow({ do: 'play' })
  expect(game.shown().playing).toBe(false)
  await game.follow({ do: 'back' })
  await game.follow({ do: 'play' })
  expect(game.shown().playing, 'from an earlier position it plays again').toBe(true)
  await expect.poll(() => game.shown().playing).toBe(false)
  await game.follow({ do: 'start', seed: 2, plays: false })
  expect(game.shown()).toMatchObject({ over: false, index: 0, playing: false })
})
