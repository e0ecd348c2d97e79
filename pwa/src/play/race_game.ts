/** A race: a person and the network play games of the same seed, the network one move for each move of the person. */

import { coalesced } from '../lib/coalesced'
import { playerStore, race, raceGame, raceStore } from '../player/player'
import type { Position } from '../player/types'
import { exactly } from '../ui/numbers'
import { handGame } from './hand_game'
import { orders } from './orders'
import { largestOf } from './Scores'
import { labelled } from './search_words'

/** The person's game of the race. */
export const raceHand = handGame('model-studio-race-game')

/** the game that the network was given, and how many of its moves were asked for */
let begun: { network: string; seed: number; moves: number } | null = null

/** Let the network make as many moves as the person has; after the person's game is over, play its own to the end. */
export const keepUp = coalesced(async () => {
  const { network } = playerStore.getState()
  const { position, over } = raceHand.store.getState()
  if (!network || !position) return
  const { seed, n_moves } = position.state
  const isNew = begun?.network !== network.id || begun.seed !== seed || begun.moves > n_moves
  if (isNew || !raceStore.getState().position) {
    begun = { network: network.id, seed, moves: 0 }
    await raceGame(seed)
    await race.setSpeed('max')
  }
  const mine = begun
  while (mine && mine === begun && mine.moves < n_moves) {
    mine.moves += 1
    await race.step()
  }
  if (over && mine === begun && !raceStore.getState().over) await race.play()
})

/** Follow the person's game and the network for as long as the race is shown; returns how to stop. */
export function followRace(): () => void {
  const follow = () => orders(keepUp())
  const stops = [
    raceHand.store.subscribe(follow),
    playerStore.subscribe(({ network }, before) => {
      if (network !== before.network) follow()
    }),
  ]
  follow()
  return () => {
    for (const stop of stops) stop()
    if (raceStore.getState().playing) orders(race.pause())
  }
}

/** Who is ahead, or who has won where both games are over; `label` tells how the network searched. */
export function standing(person: number, network: number, isOver: boolean, label: string | null = null): string {
  const apart = Math.abs(person - network)
  const its = label ? `The network (${label})` : 'The network'
  if (apart === 0) return labelled(isOver ? 'A draw' : 'Level', label && `the network ${label}`)
  const verb = isOver ? ['won', 'won'] : ['are ahead', 'is ahead']
  if (person <= network) return `${its} ${verb[1]} by ${exactly(apart)}`
  return labelled(`You ${verb[0]} by ${exactly(apart)}`, label && `the network ${label}`)
}

/** The result of a race as a text to share. */
export function resultText(designName: string, person: Position, network: Position, label: string | null = null): string {
  const line = ({ state }: Position) => `${exactly(state.score)} (largest tile ${exactly(largestOf(state.board))})`
  return [
    `2048, seed ${person.state.seed}: ${standing(person.state.score, network.state.score, true, label).toLowerCase()}`,
    `Me: ${line(person)}`,
    `My network “${designName}”: ${labelled(line(network), label)}`,
  ].join('\n')
}
