/** Draws the usage of experts directly into the DOM of the blocks, without React. */

import { createStore } from 'zustand/vanilla'

export interface Heat {
  /** whose usage is shown: that of the followed run, or that of the game being played */
  source: 'run' | 'game'
  /** how many experts each component with a heat bar has */
  experts: Record<string, number>
  /** which of them get next to nothing, counted from 0 */
  dead: Record<string, readonly number[]>
  /** what the experts share: cells, whole boards, or both where there are mixtures of both kinds */
  of: 'cells' | 'boards' | 'both'
}

/** What changes seldom, so that React may draw from it. */
export const heatStore = createStore<Heat>(() => ({ source: 'run', experts: {}, dead: {}, of: 'cells' }))

export const BUCKETS = 32

/** A mixture has at most as many experts, each with a colour token of its own. */
export const MAX_EXPERTS = 8

/** Viridis (Smith and van der Walt 2015), sampled: violet is idle, teal is an even share, yellow is twice that. */
const STOPS = [
  [68, 1, 84],
  [72, 40, 120],
  [62, 74, 137],
  [49, 104, 142],
  [38, 130, 142],
  [31, 158, 137],
  [53, 183, 121],
  [109, 205, 89],
  [180, 222, 44],
  [253, 231, 37],
] as const

/** The colours of the ramp, idle first. */
export const RAMP: readonly string[] = Array.from({ length: BUCKETS }, (_, bucket) => {
  const place = (bucket / (BUCKETS - 1)) * (STOPS.length - 1)
  const low = STOPS[Math.floor(place)] as readonly number[]
  const high = STOPS[Math.min(STOPS.length - 1, Math.floor(place) + 1)] as readonly number[]
  const mix = low.map((part, index) => Math.round(part + ((high[index] ?? part) - part) * (place % 1)))
  return `rgb(${mix.join(' ')})`
})

/** The colour of a share among `count` experts: the middle of the ramp is an even share, its end twice that. */
export const bucketOf = (share: number, count: number): number =>
  Math.max(0, Math.min(BUCKETS - 1, Math.round((share * count * (BUCKETS - 1)) / 2)))

/** Height of a cell, so that the bar can be read without colour. */
const heightOf = (bucket: number): number => Math.max(0.12, (bucket + 1) / BUCKETS)

type Usage = Record<string, readonly number[]>

/** `boards` are the components whose experts are chosen for whole boards */
interface Shown {
  layers: Usage
  dead: Heat['dead']
  boards: readonly string[]
}

let ofRun: Shown = { layers: {}, dead: {}, boards: [] }
/** the usage in the game being played, which is shown in place of the run's */
let ofGame: Shown | null = null
const bars = new Map<string, Set<HTMLElement>>()
const painted = new WeakMap<Element, string>()
const listeners = new Set<() => void>()
let frame = 0

/** Show the usage in a run, and which experts are dead, from the next frame on. */
export function showUsage(layers: Usage, dead: Heat['dead'] = {}, boards: readonly string[] = []): void {
  ofRun = { layers, dead, boards }
  refresh()
}

/** Show the usage in the game being played in place of the run's, in the colours of the experts; with null, the run's again. */
export function showGameUsage(layers: Usage | null, boards: readonly string[] = []): void {
  if (layers === null && ofGame === null) return
  ofGame = layers && { layers, dead: {}, boards }
  refresh()
}

function refresh(): void {
  const { layers, dead, boards } = ofGame ?? ofRun
  const ids = Object.keys(layers)
  const experts: Record<string, number> = {}
  for (const id of ids) experts[id] = layers[id]?.length ?? 0
  const whole = ids.filter((id) => boards.includes(id)).length
  const of = whole === 0 ? 'cells' : whole === ids.length ? 'boards' : 'both'
  const heat: Heat = { source: ofGame ? 'game' : 'run', experts, dead, of }
  if (!isSame(heat, heatStore.getState())) heatStore.setState(heat)
  if (frame === 0) frame = requestAnimationFrame(paintAll)
}

function isSame(a: Heat, b: Heat): boolean {
  const ids = Object.keys(a.experts)
  return (
    a.source === b.source &&
    a.of === b.of &&
    ids.length === Object.keys(b.experts).length &&
    ids.every((id) => a.experts[id] === b.experts[id]) &&
    JSON.stringify(a.dead) === JSON.stringify(b.dead)
  )
}

export const usageOf = (id: string): readonly number[] | undefined => (ofGame ?? ofRun).layers[id]

/** Subscribe to repaints. */
export function onHeat(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** A ref for the bar of a component: in each of its children lies a cell, one for each expert. */
export function heatBar(id: string): (bar: HTMLElement | null) => (() => void) | undefined {
  return (bar) => {
    if (!bar) return undefined
    const barsOfBlock = bars.get(id) ?? new Set()
    bars.set(id, barsOfBlock.add(bar))
    paint(id, bar)
    return () => {
      barsOfBlock.delete(bar)
    }
  }
}

function paintAll(): void {
  frame = 0
  for (const [id, barsOfBlock] of bars) for (const bar of barsOfBlock) paint(id, bar)
  for (const listener of listeners) listener()
}

function paint(id: string, bar: HTMLElement): void {
  const shares = usageOf(id)
  if (!shares) return
  for (let index = 0; index < bar.children.length; index++) {
    const cell = bar.children[index]?.firstElementChild as HTMLElement
    const bucket = bucketOf(shares[index] ?? 0, shares.length)
    const colour = ofGame ? `var(--expert-${index})` : (RAMP[bucket] as string)
    const look = `${bucket} ${colour}`
    if (painted.get(cell) === look) continue
    painted.set(cell, look)
    cell.style.backgroundColor = colour
    cell.style.transform = `scaleY(${heightOf(bucket)})`
  }
}
