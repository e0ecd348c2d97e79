import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createStore } from 'zustand/vanilla'
import { noGame, type WatchState } from '../player/types'
import { CALM_MS, calmed } from './calm_game'

vi.mock('../player/player', async () => (await import('./test_player')).fakePlayer())

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

it('follows at once, except at full speed, and then has the newest state after a while and when it pauses', () => {
  const source = createStore<WatchState>(() => noGame)
  const calm = calmed(source)
  const seen: number[] = []
  calm.subscribe(({ index }) => seen.push(index))
  source.setState({ index: 1, playing: true, speed: 10 })
  expect(seen).toEqual([1])
  for (let index = 2; index < 8; index++) {
    source.setState({ index, speed: 'max' })
    vi.advanceTimersByTime(CALM_MS / 4)
  }
  expect(seen).toEqual([1, 5])
  source.setState({ playing: false })
  expect(seen).toEqual([1, 5, 7])
  vi.advanceTimersByTime(2 * CALM_MS)
  expect(seen).toEqual([1, 5, 7])
  expect(calm.getState()).toBe(source.getState())
})
