/** The board that a network sees, together with what is shown of it. */

import { useEffect, useRef, useState } from 'react'
import { boardsAfter } from '../player/player'
import type { Position, Thought } from '../player/types'

export interface Seen {
  board: readonly number[]
  thought: Thought
}

/**
 * The board that routing and attention belong to: the one being played, or the one after a move for networks that see those.
 * Boards after a move come from Python; until the newest one is there the one before is shown. Null without a thought, or while
 * `wanted` is false.
 */
export function useSeen(position: Position | null, wanted: boolean): Seen | null {
  const [after, setAfter] = useState<Seen | null>(null)
  const newest = useRef<Position | null>(null)
  const asking = useRef(false)
  const thought = position?.thought ?? null
  const needsPython = wanted && thought !== null && thought.ofMove !== null
  newest.current = needsPython ? position : null

  useEffect(() => {
    if (!needsPython || !position) return
    if (!asking.current) void ask()

    async function ask(): Promise<void> {
      asking.current = true
      try {
        for (let asked: Position | null = null; newest.current && newest.current !== asked; ) {
          asked = newest.current
          const boards = await boardsAfter(asked.state.board)
          const board = boards[asked.thought?.ofMove ?? -1]
          if (board && asked.thought) setAfter({ board, thought: asked.thought })
        }
      } catch {
        setAfter(null) // Python has stopped; the screen says so elsewhere
      } finally {
        asking.current = false
      }
    }
  }, [position, needsPython])

  if (!wanted || !position || !thought) return null
  return needsPython ? after : { board: position.state.board, thought }
}
