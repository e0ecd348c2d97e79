/** Players for a test file: each is unloaded after its test, and the rules end with the file. */

import { afterAll, afterEach, beforeAll } from 'vitest'
import type { Player } from './page_player'
import { type TestSurroundings, testPlayer, until } from './test_player'
import { TestRules } from './test_rules'

export const PATH = 'c3.0.c5'
export let rules: TestRules
export const players: Player[] = []

beforeAll(() => {
  rules = new TestRules()
})
afterAll(() => rules.end())
afterEach(() => {
  rules.silent = false
  for (const player of players.splice(0)) player.unload()
})

/** A player of a network; `direct` unless another one is named. */
export async function loaded(
  name = 'direct',
  files?: Parameters<typeof testPlayer>[1],
): Promise<{ player: Player; around: TestSurroundings }> {
  const made = testPlayer(rules, files)
  players.push(made.player)
  await made.player.loadNetwork(name)
  return made
}

/** Let a game run to its end. */
export async function playToTheEnd(player: Player, seed: number): Promise<void> {
  await player.watch.start(seed)
  await player.watch.setSpeed('max')
  await player.watch.play()
  await until(player.watchState, ({ over, playing }) => over && !playing)
}

/** The position on the screen, with what the network computed for it. */
export const positionOf = (player: Player) => {
  const { position } = player.watchState.getState()
  if (!position?.thought) throw new Error('no position is shown')
  return { ...position, thought: position.thought }
}
