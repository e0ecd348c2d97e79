/** What a person has chosen on the Play screen; remembered by the phone. */

import { createStore } from 'zustand/vanilla'
import { persisted, recordOf } from '../lib/persisted'
import { SEARCH_DEPTHS, type SearchDepth, type Speed } from '../player/types'

export const MODES = ['watch', 'hint', 'race', 'test'] as const
export type Mode = (typeof MODES)[number]

/** What is shown of the inside of the network. */
export const INSIDES = ['experts', 'attention', 'value'] as const
export type Inside = (typeof INSIDES)[number]

export const SPEEDS: readonly Speed[] = [1, 2, 5, 10, 'max']
const USUAL_SPEED = 5

interface Remembered {
  mode: Mode
  inside: Inside | null
  /** of the watched game */
  speed: Speed
  /** whether the screen is kept on while the network plays */
  keepsScreenOn: boolean
  /** whether the moves of the network are shown while a person plays */
  hints: boolean
  /** how far ahead the network looks */
  search: SearchDepth
}

export interface PlayState extends Remembered {
  /** the path of the layer that is looked into, for experts and for attention; the first one where it has none of this path */
  layer: { experts?: string; attention?: string }
  /** the attention head, or null for the mean of all */
  head: number | null
  /** the cell whose attention is shown */
  cell: number
  /** which sheet is open */
  sheet: 'network' | 'game' | 'phone' | null
}

const stored = persisted('model-studio-play', (value): Remembered => {
  const { mode, inside, speed, keepsScreenOn, hints, search } = recordOf<unknown>(value)
  return {
    mode: MODES.find((known) => known === mode) ?? 'watch',
    inside: INSIDES.find((known) => known === inside) ?? null,
    speed: SPEEDS.find((known) => known === speed) ?? USUAL_SPEED,
    keepsScreenOn: keepsScreenOn !== false,
    hints: hints !== false,
    search: SEARCH_DEPTHS.find((known) => known === search) ?? 0,
  }
})

export const playStore = createStore<PlayState>(() => ({ ...stored.read(), layer: {}, head: null, cell: 0, sheet: null }))

playStore.subscribe((state) => {
  const { mode, inside, speed, keepsScreenOn, hints, search } = state
  stored.write({ mode, inside, speed, keepsScreenOn, hints, search })
})

export const openSheet = (sheet: PlayState['sheet']): void => playStore.setState({ sheet })

/** Look into one part of the network, or with the same again into none. */
export const toggleInside = (inside: Inside): void =>
  playStore.setState({ inside: playStore.getState().inside === inside ? null : inside })

/** The best score of the person, and of the networks of each design, on this phone. */
export interface Bests {
  person: number
  networks: Record<string, number>
}

const number = (value: unknown): number => (typeof value === 'number' && value > 0 ? value : 0)

const storedBests = persisted('model-studio-play-best', (value): Bests => {
  const { person, networks } = recordOf<unknown>(value)
  return { person: number(person), networks: recordOf<number>(networks) }
})

export const bestsStore = createStore<Bests>(() => storedBests.read())

/** Keep the score of a game where it is the best one: of the network of a design, or without one of the person. */
export function noteScore(score: number, designId?: string): void {
  const { person, networks } = bestsStore.getState()
  if (score <= (designId === undefined ? person : number(networks[designId]))) return
  bestsStore.setState(designId === undefined ? { person: score } : { networks: { ...networks, [designId]: score } })
  storedBests.write(bestsStore.getState())
}

const SEEDS = 2 ** 31

/** few enough to be read out and typed */
const RANDOM_SEEDS = 1_000_000

/** The seed of a new game. */
export const randomSeed = (): number => Math.floor(Math.random() * RANDOM_SEEDS)

/** The seed that a person typed, or null where it is no whole number from 0 to 2,147,483,647. */
export function seedOf(text: string): number | null {
  if (!/^\d{1,10}$/.test(text.trim())) return null
  const seed = Number(text)
  return seed < SEEDS ? seed : null
}
