/** Begins and pauses the watched game as the screen comes and goes; in the Design view it plays on, and the blocks follow it. */

import { currentRoute } from '../navigation/router'
import { isOfBoard } from '../player/overlay'
import { watch, watchStore } from '../player/player'
import type { WatchState } from '../player/types'
import { showGameUsage } from '../runs/expert_heat'
import { choosingStore } from './chosen_network'
import { expertShares } from './inside'
import { componentOf } from './layer_names'
import { orders } from './orders'
import { playStore, randomSeed } from './play_state'

/** of the last game, so that another network plays the same one */
let seed: number | undefined
/** whether the game plays, or goes on when it is watched again; undefined before the first one */
let goesOn: boolean | undefined
let watched = false
/** increases with every beginning and end of watching, so that an older beginning does nothing more */
let turns = 0

/** Start a game where there is none, or go on with the one that was left; `atOnce` is whether the first one plays by itself. */
export async function beginWatching(atOnce: boolean): Promise<void> {
  goesOn ??= atOnce
  const plays = goesOn
  watched = true
  turns += 1
  const turn = turns
  if (!watchStore.getState().position) {
    await watch.start(seed ?? randomSeed())
    await watch.setSpeed(playStore.getState().speed)
  }
  if (plays && turn === turns) await watch.play()
}

/** Begin another game; it plays where the one before did until it was over. */
export async function newWatchedGame(seed = randomSeed()): Promise<void> {
  await watch.newGame(seed, goesOn)
}

/** Remember the game that is left, and pause it unless the person goes on to the drawing of its network. */
export function leaveWatching(): void {
  watched = false
  turns += 1
  if (!isBesideGame()) pauseWatching()
}

function pauseWatching(): void {
  if (watchStore.getState().playing) orders(watch.pause())
  showGameUsage(null)
}

/** Whether the screen shows the game, or the drawing of the network that plays it. */
function isBesideGame(): boolean {
  const route = currentRoute()
  if (route.screen !== 'play' && route.screen !== 'design') return false
  return route.id === choosingStore.getState().designId
}

/** Shares by component: a component that is repeated has the mean of its repetitions. */
export function usageByComponent(usage: Readonly<Record<string, readonly number[]>>): Record<string, readonly number[]> {
  const byId = new Map<string, (readonly number[])[]>()
  for (const [path, shares] of Object.entries(usage)) {
    const id = componentOf(path)
    byId.set(id, [...(byId.get(id) ?? []), shares])
  }
  const mean = (all: (readonly number[])[]) =>
    (all[0] ?? []).map((_, expert) => all.reduce((sum, shares) => sum + (shares[expert] ?? 0), 0) / all.length)
  return Object.fromEntries([...byId].map(([id, all]) => [id, mean(all)]))
}

let following = false

/** Show the usage of experts in the watched game on the blocks of the drawing, for as long as the page lives. */
export function followWatchedGame(): void {
  if (following) return
  following = true
  watchStore.subscribe((game, before) => {
    const { position, usage, playing, over } = game
    if (position) seed = position.state.seed
    if (watched && position && !over) goesOn = playing
    if (usage !== before.usage) showOnBlocks(game)
  })
  window.addEventListener('hashchange', () => {
    if (isBesideGame()) showOnBlocks(watchStore.getState())
    else pauseWatching()
  })
}

/**
 * Show the usage of experts on the blocks, where these are on the screen: over the last positions, and of experts that are chosen
 * for the whole board those that play now.
 */
function showOnBlocks({ position, usage }: WatchState): void {
  if (currentRoute().screen !== 'design' || !isBesideGame()) return
  const boards = Object.entries(position?.thought?.routing ?? {}).filter(([, routing]) => isOfBoard(routing))
  const shown = { ...usage, ...expertShares(Object.fromEntries(boards)) }
  const whole = boards.map(([path]) => componentOf(path))
  showGameUsage(Object.keys(shown).length > 0 ? usageByComponent(shown) : null, whole)
}
