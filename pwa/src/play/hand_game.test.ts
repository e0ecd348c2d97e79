import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import * as player from '../player/player'
import { type HandGame, handGame } from './hand_game'
import { bestsStore } from './play_state'
import { type FakePlayer, moveOf, stateOf } from './test_player'

vi.mock('../player/player', async () => (await import('./test_player')).fakePlayer())

const fake = player as unknown as FakePlayer
const storage = new Map<string, string>()
vi.stubGlobal('localStorage', {
  getItem: (key: string) => storage.get(key) ?? null,
  setItem: (key: string, value: string) => storage.set(key, value),
})

const KEY = 'a-game'
let game: HandGame
const shown = () => game.store.getState()
const remembered = () => JSON.parse(storage.get(KEY) ?? 'null')

beforeEach(() => {
  game = handGame(KEY)
})
afterEach(() => {
  storage.clear()
  vi.clearAllMocks()
})

describe('a game by hand', () => {
  it('is played move by move and remembered as a record', async () => {
    await game.open(7)
    game.press(0)
    game.press(3)
    await game.settled()
    expect(shown().position?.state.n_moves).toBe(2)
    expect(shown().position?.move?.action).toBe(3)
    expect(remembered()).toEqual({ seed: 7, actions: 'ul', score: 8 })
    expect(bestsStore.getState().person).toBeGreaterThanOrEqual(8)
  })

  it('drops presses that the person could not have meant for this board', async () => {
    await game.open(7)
    for (let count = 0; count < 9; count++) game.press(1)
    await game.settled()
    expect(shown().actions).toBe('rrr')
  })

  it('goes on with the remembered game, and opens only once', async () => {
    storage.set(KEY, JSON.stringify({ seed: 5, actions: 'uurd', score: 16 }))
    await Promise.all([game.open(7), game.open(8)])
    await game.open(9)
    expect(shown().position?.state).toMatchObject({ seed: 5, n_moves: 4 })
    game.press(2)
    await game.settled()
    expect(remembered()).toEqual({ seed: 5, actions: 'uurdd', score: 20 })
    expect(fake.newGame).not.toHaveBeenCalled()
  })

  it.each([
    ['that does not follow the rules', () => fake.replay.mockRejectedValueOnce(new Error('not legal'))],
    ['that is over', () => fake.replay.mockResolvedValueOnce(stateOf(5, 4, 4))],
  ])('begins anew in place of a record %s', async (_, given) => {
    storage.set(KEY, JSON.stringify({ seed: 5, actions: 'uurd', score: 16 }))
    given()
    await game.open(7)
    expect(shown()).toMatchObject({ actions: '', over: false, position: { state: { seed: 7, n_moves: 0 } } })
  })

  it('begins anew where something else is stored', async () => {
    for (const stored of ['{"seed":"x"}', '[]', '{"seed":1,"actions":"abc","score":0}', 'no json']) {
      storage.set(KEY, stored)
      game = handGame(KEY)
      await game.open(7)
      expect(shown().position?.state.seed).toBe(7)
    }
    expect(fake.replay).not.toHaveBeenCalled()
  })

  it('leaves out moves that are not legal, and those of a game that was left', async () => {
    fake.newGame.mockResolvedValueOnce({ ...stateOf(7), legal: [false, true, true, true] })
    await game.open(7)
    game.press(0)
    await game.settled()
    expect(fake.playMove).not.toHaveBeenCalled()
    game.press(1)
    await game.start(8)
    await game.settled()
    expect(shown()).toMatchObject({ actions: '', position: { state: { seed: 8, n_moves: 0 } } })
  })

  it('is over when no move is legal', async () => {
    await game.open(7)
    fake.playMove.mockImplementationOnce(async (state, action) => moveOf(state, action, 1))
    game.press(0)
    await game.settled()
    expect(shown().over).toBe(true)
  })

  it('says why a move could not be made, and goes on with the next one', async () => {
    await game.open(7)
    fake.playMove.mockRejectedValueOnce(new Error('Python stopped answering'))
    game.press(0)
    await game.settled()
    expect(shown()).toMatchObject({ trouble: 'Python stopped answering', actions: '' })
    game.press(0)
    await game.settled()
    expect(shown()).toMatchObject({ trouble: undefined, actions: 'u' })
  })
})
