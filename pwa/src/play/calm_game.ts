/** The watched game for what is read rather than watched: at full speed it follows ten times a second, otherwise at once. */

import { createStore, type StoreApi } from 'zustand/vanilla'
import { watchStore } from '../player/player'
import type { WatchState } from '../player/types'

export const CALM_MS = 100

/** Whether numbers change faster than anybody can read them. */
export const isRushing = ({ playing, speed }: Pick<WatchState, 'playing' | 'speed'>): boolean => playing && speed === 'max'

/** A store that has the state of another one: at once, or while that is rushing at most once in `CALM_MS`. */
export function calmed(source: StoreApi<WatchState>): StoreApi<WatchState> {
  const calm = createStore<WatchState>(() => source.getState())
  let timer: ReturnType<typeof setTimeout> | undefined
  const follow = () => {
    clearTimeout(timer)
    timer = undefined
    calm.setState(source.getState(), true)
  }
  source.subscribe((state) => {
    if (!isRushing(state)) follow()
    else timer ??= setTimeout(follow, CALM_MS)
  })
  return calm
}

export const calmWatch = calmed(watchStore)
