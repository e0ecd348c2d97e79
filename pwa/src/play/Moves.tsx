/** The probabilities of the four moves, and the value of the board; a tap shows what the network sees after a move. */

import type { Thought } from '../player/types'
import { Icon } from '../ui/Icon'
import { percent, roughly } from '../ui/numbers'
import { ACTIONS, ON_SCREEN } from './actions'
import './inside.css'

interface Props {
  thought: Thought | null
  /** which moves change the board */
  legal: readonly boolean[]
  /** how to show the board after a move, for networks that see those boards */
  onShow?: ((action: number) => void) | undefined
}

export function Moves({ thought: newest, legal, onShow }: Props) {
  // a game that is over has no move to think about
  const thought = legal.includes(true) ? newest : null
  return (
    <section className="moves" aria-label="Move probabilities">
      {ON_SCREEN.map((action) => (
        <Move key={action} action={action} thought={thought} legal={legal} onShow={onShow} />
      ))}
      <p className="move-value">
        <small>Value</small>
        <b>{thought ? roughly(thought.value) : '–'}</b>
      </p>
    </section>
  )
}

function Move({ action, thought, legal, onShow }: Props & { action: number }) {
  const { name, icon } = ACTIONS[action] as (typeof ACTIONS)[number]
  const share = thought?.probabilities[action] ?? 0
  const words = thought ? percent(share) : '–'
  const look = {
    className: 'move',
    'data-chosen': thought?.action === action || undefined,
  }
  const content = (
    <>
      <span className="move-words">
        <Icon name={icon} />
        <span className="move-number">{words}</span>
      </span>
      <span className="move-share" aria-hidden="true">
        <i style={{ transform: `scaleX(${share.toFixed(3)})` }} />
      </span>
    </>
  )
  const label = `${name} ${words}`
  if (!onShow) {
    return (
      <div {...look} role="img" aria-label={label}>
        {content}
      </div>
    )
  }
  return (
    <button
      type="button"
      {...look}
      aria-label={`${label}: show the board after it`}
      aria-pressed={thought?.ofMove === action}
      disabled={!thought || !legal[action]}
      onClick={() => onShow(action)}
    >
      {content}
    </button>
  )
}
