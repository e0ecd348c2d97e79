/** The game being played: a large board, and how likely the network finds each of the four moves. */

import type { CSSProperties } from 'react'
import type { MoveChoice } from '../generated/wire'
import { Icon, type IconName } from '../ui/Icon'
import { percent } from '../ui/numbers'
import { BoardView } from './BoardView'
import './live-game.css'

/** In the order of the network's outputs. */
const MOVES: readonly { name: string; icon: IconName }[] = [
  { name: 'Up', icon: 'up' },
  { name: 'Right', icon: 'arrow_right' },
  { name: 'Down', icon: 'down' },
  { name: 'Left', icon: 'arrow_left' },
]

interface Props {
  /** of a game of the training or a test game */
  board: readonly number[]
  /** the newest move and the board it was chosen on; null of older runs and of test games */
  choice: MoveChoice | null
  /** what game it is */
  caption: string
}

export function LiveGame({ board, choice, caption }: Props) {
  return (
    <section className="live-game" aria-label="Game">
      <div className="live-board">
        <BoardView cells={choice?.board ?? board} large />
      </div>
      <div className="live-side">
        <p>{caption}</p>
        {choice && <Moves choice={choice} />}
      </div>
    </section>
  )
}

function Moves({ choice }: { choice: MoveChoice }) {
  return (
    <ol className="live-moves" aria-label="Move probabilities">
      {MOVES.map(({ name, icon }, action) => {
        const share = choice.probabilities[action] ?? 0
        return (
          <li
            key={name}
            data-chosen={choice.action === action || undefined}
            aria-current={choice.action === action || undefined}
            style={{ '--share': share } as CSSProperties}
          >
            <span className="sr-only">{name} </span>
            <Icon name={icon} />
            <b>{percent(share)}</b>
            <i aria-hidden="true" />
          </li>
        )
      })}
    </ol>
  )
}
