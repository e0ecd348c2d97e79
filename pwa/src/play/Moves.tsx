/** The probabilities of the four moves, and the value of the board; a tap shows what the network sees after a move. */

import { memo, type RefObject, useRef } from 'react'
import type { Thought } from '../player/types'
import { Icon } from '../ui/Icon'
import { percent, roughly } from '../ui/numbers'
import { ACTIONS, ON_SCREEN } from './actions'
import { NO_TEXT, useWrites, writeText } from './useWrites'
import './inside.css'

interface Props {
  thought: Thought | null
  /** which moves change the board */
  legal: readonly boolean[]
  /** how to show the board after a move, for networks that see those boards */
  onShow?: ((action: number) => void) | undefined
}

/** Updated without React, since the values change often. */
export function Moves({ thought: newest, legal, onShow }: Props) {
  // a game that is over has no move to think about
  const thought = legal.includes(true) ? newest : null
  const show = useRef(onShow)
  show.current = onShow
  const texts = ON_SCREEN.map((action) => moveText(thought, action, legal[action] ?? false))
  const parent = useWrites([...texts, thought ? roughly(thought.value) : '–'], write)
  return (
    // the key creates new elements for buttons, so that all values are written again
    <section key={String(onShow !== undefined)} ref={parent} className="moves" aria-label="Move probabilities">
      <MoveElements show={onShow ? show : undefined} />
      <p className="move-value">
        <small>Value</small>
        <b>{NO_TEXT}</b>
      </p>
    </section>
  )
}

const MoveElements = memo(function MoveElements({ show }: { show: RefObject<Props['onShow']> | undefined }) {
  return ON_SCREEN.map((action) =>
    show ? (
      <button key={action} type="button" className="move" onClick={() => show.current?.(action)}>
        <MoveContent action={action} />
      </button>
    ) : (
      <div key={action} className="move" role="img">
        <MoveContent action={action} />
      </div>
    ),
  )
})

const moveAt = (action: number): (typeof ACTIONS)[number] => ACTIONS[action] as (typeof ACTIONS)[number]

function MoveContent({ action }: { action: number }) {
  return (
    <>
      <span className="move-words">
        <Icon name={moveAt(action).icon} />
        <span className="move-number">{NO_TEXT}</span>
      </span>
      <span className="move-share" aria-hidden="true">
        <i />
      </span>
    </>
  )
}

const SEPARATOR = '|'

/** The content of a move, encoded for `writeMove`: text, probability, and whether it is chosen, shown and possible. */
function moveText(thought: Thought | null, action: number, isLegal: boolean): string {
  const share = thought?.probabilities[action] ?? 0
  const flags = [thought?.action === action, thought?.ofMove === action, thought !== null && isLegal]
  return [thought ? percent(share) : '–', share.toFixed(3), ...flags.map(Number)].join(SEPARATOR)
}

function write(element: HTMLElement, text: string, place: number): void {
  const action = ON_SCREEN[place]
  if (action === undefined) writeText(element.lastElementChild, text)
  else writeMove(element, text, moveAt(action).name)
}

function writeMove(move: HTMLElement, text: string, name: string): void {
  const [words = '', share, isChosen, isShown, isPossible] = text.split(SEPARATOR)
  const [label, bar] = move.children
  writeText(label?.lastElementChild, words)
  ;(bar as HTMLElement).style.setProperty('--share', share ?? '0')
  move.toggleAttribute('data-chosen', isChosen === '1')
  if (move instanceof HTMLButtonElement) {
    move.setAttribute('aria-label', `${name} ${words}: show the board after it`)
    move.setAttribute('aria-pressed', String(isShown === '1'))
    move.disabled = isPossible !== '1'
  } else move.setAttribute('aria-label', `${name} ${words}`)
}
