/** The experts of a mixture: which one works on which cell or board, their shares, and switches to turn them off. */

import { useStore } from 'zustand'
import { expertsIn, expertsOf, expertTexts, isOfBoard } from '../player/overlay'
import { playerStore, setExperts } from '../player/player'
import type { ShownRouting } from '../player/types'
import { percent } from '../ui/numbers'
import { showToast } from '../ui/toasts'
import { CellLayer, cellElements, cellWords } from './Board'
import { NO_TEXT, useWrites, writeText } from './useWrites'

/**
 * Above the board: each cell in the colour and with the number of its expert, and of the second one where there is one. Experts
 * of the whole board colour every cell, and their numbers are written once.
 */
export function ExpertCells({ routing }: { routing: ShownRouting }) {
  const layer = useWrites(expertTexts(routing), writeExperts)
  const isWhole = isOfBoard(routing)
  return (
    <CellLayer name={isWhole ? `The board: ${playing(routing)}` : 'Expert of each cell'} isWhole={isWhole} ref={layer}>
      {EXPERT_CELLS}
    </CellLayer>
  )
}

const EXPERT_CELLS = cellElements(() => (
  <span className="cell-expert" role="img">
    <b className="expert-number">{NO_TEXT}</b>
    <b className="expert-number">{NO_TEXT}</b>
  </span>
))

function writeExperts(element: HTMLElement, text: string, cell: number): void {
  const experts = expertsIn(text)
  const frame = element.firstElementChild as HTMLElement
  frame.hidden = experts.length === 0
  frame.setAttribute(
    'aria-label',
    wordsOf(
      cell,
      experts.map((expert) => expert + 1),
    ),
  )
  frame.dataset.expert = String(experts[0])
  for (const [place, number] of [...frame.children].entries()) {
    const expert = experts[place]
    writeText(number, expert === undefined ? NO_TEXT : String(expert + 1))
    ;(number as HTMLElement).dataset.expert = expert === undefined ? 'none' : String(expert)
  }
}

const wordsOf = (cell: number, numbers: number[]): string => `${cellWords(cell)}: ${named(numbers)}`

const named = (numbers: number[]): string => `${numbers.length > 1 ? 'experts' : 'expert'} ${numbers.join(' and ')}`

/** The experts that the whole board was routed to: "expert 3". */
const playing = (routing: ShownRouting): string => {
  const experts = expertsOf(routing, 0)
  return experts.length > 0 ? named(experts.map(({ expert }) => expert + 1)) : 'no expert'
}

interface SwitchesProps {
  path: string
  experts: number
  /** shares of the tokens that sum to 1; undefined while there are none */
  shares: readonly number[] | undefined
  /** over which boards */
  over: string
  /** of the shown board; undefined before there is one */
  routing?: ShownRouting | undefined
}

/** switches are made one after the other, since each one sends all experts of a layer */
let lastSwitch: Promise<void> = Promise.resolve()

/** Switch one expert off or on, from what the player has when the switches before are made; a refusal is shown as a message. */
function switchExpert(path: string, experts: number, expert: number): void {
  const make = async () => {
    const enabled = enabledIn(playerStore.getState().enabled[path], experts)
    await setExperts(
      path,
      enabled.map((on, index) => (index === expert ? !on : on)),
    )
  }
  lastSwitch = lastSwitch.then(make).catch((error: unknown) => {
    showToast(error instanceof Error ? error.message : String(error), { tone: 'bad' })
  })
}

const enabledIn = (known: boolean[] | undefined, experts: number): boolean[] => known ?? Array<boolean>(experts).fill(true)

/** One switch for each expert, with its share. */
export function ExpertSwitches({ path, experts, shares, over, routing }: SwitchesProps) {
  const enabled = enabledIn(
    useStore(playerStore, (state) => state.enabled[path]),
    experts,
  )
  return (
    <>
      <ul className="experts">
        {enabled.map((on, expert) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: an expert is its number
          <li key={expert}>
            <button
              type="button"
              role="switch"
              className="expert"
              aria-checked={on}
              aria-label={`Expert ${expert + 1}`}
              aria-describedby={`expert-share-${expert}`}
              data-expert={expert}
              onClick={() => switchExpert(path, experts, expert)}
            >
              <b className="expert-number">{expert + 1}</b>
              <span id={`expert-share-${expert}`}>{on ? percent(shares?.[expert] ?? 0) : 'off'}</span>
              <i aria-hidden="true" style={{ transform: `scaleX(${(shares?.[expert] ?? 0).toFixed(3)})` }} />
            </button>
          </li>
        ))}
      </ul>
      {routing && isOfBoard(routing) ? (
        <p className="quiet">
          Now plays <b>{playing(routing)}</b>. Boards per expert, {over}. Tap an expert to switch it off: another one takes its
          boards.
        </p>
      ) : (
        <p className="quiet">Cells per expert, {over}. Tap an expert to switch it off: another one takes its cells.</p>
      )}
    </>
  )
}
