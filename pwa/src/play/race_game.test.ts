import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import * as player from '../player/player'
import { noGame } from '../player/types'
import { followRace, keepUp, raceHand, resultText, standing } from './race_game'
import { type FakePlayer, moveOf, network, positionOf, stateOf } from './test_player'

vi.mock('../player/player', async () => (await import('./test_player')).fakePlayer())

const { playerStore, playMove, race, raceGame, raceStore } = player as unknown as FakePlayer

let stop: () => void
beforeEach(async () => {
  playerStore.setState({ status: 'ready', network: network({ id: 'n1' }) })
  raceGame.mockImplementation(async (seed) => raceStore.setState({ ...noGame, position: positionOf(stateOf(seed)) }))
  stop = followRace()
  await raceHand.start(7)
  await keepUp()
})
afterEach(() => {
  stop()
  vi.clearAllMocks()
})

const play = async (...actions: number[]) => {
  for (const action of actions) {
    raceHand.press(action)
    await raceHand.settled()
  }
  await keepUp()
}

describe('in a race', () => {
  it('the network plays the same seed, one move for each of the person’s', async () => {
    expect(raceGame).toHaveBeenLastCalledWith(7)
    await play(0, 1, 2)
    expect(race.step).toHaveBeenCalledTimes(3)
    expect(race.play).not.toHaveBeenCalled()
  })

  it('the network plays on when the person’s game is over', async () => {
    playMove.mockImplementationOnce(async (state, action) => moveOf(state, action, 1))
    await play(0)
    expect(race.step).toHaveBeenCalledTimes(1)
    expect(race.play).toHaveBeenCalled()
  })

  it('another network begins the game anew and catches up', async () => {
    await play(0, 1)
    const before = race.step.mock.calls.length
    playerStore.setState({ network: network({ id: 'n2' }) })
    await keepUp()
    expect(race.step.mock.calls.length - before).toBe(2)
  })

  it('the same seed again is another race', async () => {
    await play(0, 1)
    const before = raceGame.mock.calls.length
    await raceHand.start(7)
    await keepUp()
    expect(raceGame.mock.calls.length - before).toBe(1)
  })
})

describe('the result', () => {
  it('names who is ahead and who has won', () => {
    expect(standing(100, 40, false)).toBe('You are ahead by 60')
    expect(standing(40, 1040, false)).toBe('The network is ahead by 1,000')
    expect(standing(100, 40, true)).toBe('You won by 60')
    expect(standing(40, 100, true)).toBe('The network won by 60')
    expect([standing(5, 5, false), standing(5, 5, true)]).toEqual(['Level', 'A draw'])
  })

  it('can be shared with seed, scores and tiles', () => {
    const text = resultText('Tiny MLP', positionOf(stateOf(7, 25)), positionOf(stateOf(7, 50)))
    expect(text.split('\n')).toEqual([
      '2048, seed 7: the network won by 100',
      'Me: 100 (largest tile 64)',
      'My network “Tiny MLP”: 200 (largest tile 4)',
    ])
  })
})
