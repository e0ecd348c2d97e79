/** Score, best score, moves and the largest tile of a game. */

import type { GameState } from '../generated/wire'
import { exactly } from '../ui/numbers'
import { faceOf } from '../ui/tiles'

export const largestOf = (board: readonly number[]): number => faceOf(Math.max(0, ...board))

export function Scores({ state, best }: { state: GameState | undefined; best: number }) {
  const figures = [
    ['Score', state?.score],
    ['Best', Math.max(best, state?.score ?? 0)],
    ['Moves', state?.n_moves],
    ['Largest', state && largestOf(state.board)],
  ] as const
  return (
    <dl className="scores">
      {figures.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value === undefined ? '–' : exactly(value)}</dd>
        </div>
      ))}
    </dl>
  )
}
