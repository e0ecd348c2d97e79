/** What the network thinks of a person's position. */

import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { playerStore, think } from '../player/player'
import type { Position } from '../player/types'
import { useDepth } from './Search'

export interface Advised {
  /** the newest position that the network has thought about, or the plain one where it does not */
  position: Position | null
  /** the values of the positions so far */
  values: readonly number[]
  /** show the board after this move, for networks that see those */
  showMove: (action: number) => void
}

interface Thoughts {
  /** as the game has it, without a thought */
  of: Position
  position: Position
  values: readonly number[]
}

/** The position together with the network's thought while `wanted`; the one before is shown until the thought is there. */
export function useAdvised(plain: Position | null, wanted: boolean): Advised {
  const network = useStore(playerStore, (state) => state.network?.id)
  const enabled = useStore(playerStore, (state) => state.enabled)
  const depth = useDepth()
  const [thoughts, setThoughts] = useState<Thoughts | null>(null)
  const [shownMove, setShownMove] = useState<{ of: Position; action: number } | null>(null)
  const action = shownMove && shownMove.of === plain ? shownMove.action : undefined

  // biome-ignore lint/correctness/useExhaustiveDependencies: another network, other experts or another search think something else
  useEffect(() => {
    if (!plain || !wanted || network === undefined) return setThoughts(null)
    let left = false
    think(plain.state, action).then(
      (thought) => {
        if (left) return
        const position = { ...plain, thought }
        setThoughts((before) => ({ of: plain, position, values: valuesWith(before, position) }))
      },
      () => {
        if (!left) setThoughts(null) // why is in `playerStore`
      },
    )
    return () => {
      left = true
    }
  }, [plain, wanted, network, enabled, depth, action])

  const showMove = (move: number) => plain && setShownMove({ of: plain, action: move })
  if (!wanted || !thoughts || thoughts.of.state.seed !== plain?.state.seed) return { position: plain, values: [], showMove }
  return { position: thoughts.position, values: thoughts.values, showMove }
}

/** One value for each position: a game that began before the hints did has its first value for all of those before. */
function valuesWith(before: Thoughts | null, { state, thought }: Position): readonly number[] {
  const value = thought?.value ?? 0
  const known = before && before.of.state.seed === state.seed && before.of.state.n_moves <= state.n_moves ? before.values : []
  const filled = [...known.slice(0, state.n_moves)]
  while (filled.length < state.n_moves) filled.push(filled.at(-1) ?? value)
  return [...filled, value]
}
