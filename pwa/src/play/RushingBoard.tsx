/** The watched board at full speed: numbers and colours are written as they come, without React. */

import { useLayoutEffect } from 'react'
import { useStore } from 'zustand'
import { watchStore } from '../player/player'
import type { Thought, WatchState } from '../player/types'
import { AttentionElements, lookTexts, writeLook } from './Attention'
import { BoardFrame, boardName, TileElements, writeTile } from './Board'
import { calmWatch } from './calm_game'
import { ExpertElements, expertTexts, writeExperts } from './Experts'
import { type Inside, playStore } from './play_state'
import { useWriter } from './useWrites'

interface Props {
  name: string
  /** what is shown above the tiles, and of which layer */
  inside: Inside | null
  path: string | undefined
}

export function RushingBoard({ name, inside, path }: Props) {
  const board = useStore(calmWatch, ({ position }) => position?.state.board)
  const cell = useStore(playStore, (state) => state.cell)
  const head = useStore(playStore, (state) => state.head)
  const tiles = useWriter(writeTile)
  const experts = useWriter(writeExperts)
  const looks = useWriter(writeLook)
  useLayoutEffect(() => {
    const show = ({ position }: WatchState) => {
      if (!position) return
      tiles.show(position.state.board)
      const { routing, attention } = partsOf(position.thought, path)
      if (routing) experts.show(expertTexts(routing))
      if (attention) looks.show(lookTexts(attention, cell, head))
    }
    show(watchStore.getState())
    return watchStore.subscribe(show)
  }, [tiles, experts, looks, path, cell, head])
  return (
    <BoardFrame>
      <TileElements tiles={tiles.parent} label={boardName(name, board ?? [])} />
      {inside === 'experts' && <ExpertElements layer={experts.parent} />}
      {inside === 'attention' && <AttentionElements layer={looks.parent} />}
    </BoardFrame>
  )
}

/** What there is to show of a layer; nothing without one. */
function partsOf(
  thought: Thought | null,
  path: string | undefined,
): { routing?: Thought['routing'][string]; attention?: Thought['attention'][string] } {
  if (!thought || path === undefined) return {}
  return { routing: thought.routing[path], attention: thought.attention[path] }
}
