/** The experts of a mixture: which one reads which cell, their shares, and switches to turn them off. */

import type { CSSProperties } from 'react'
import { useStore } from 'zustand'
import { playerStore, setExperts } from '../player/player'
import type { ShownRouting } from '../player/types'
import { percent } from '../ui/numbers'
import { showToast } from '../ui/toasts'
import { CellLayer, cellWords } from './Board'
import { expertsOf } from './inside'

const colourOf = (expert: number): CSSProperties => ({ '--expert': `var(--expert-${expert})` }) as CSSProperties

/** Above the board: each cell in the colour and with the number of its expert, and of the second one where there is one. */
export function ExpertCells({ routing }: { routing: ShownRouting }) {
  return (
    <CellLayer
      name="Expert of each cell"
      cellOf={(cell) => {
        const [first, second] = expertsOf(routing, cell)
        if (!first) return null
        const numbers = [first, second].flatMap((chosen) => (chosen ? [chosen.expert + 1] : []))
        return (
          <span className="cell-expert" style={colourOf(first.expert)} role="img" aria-label={wordsOf(cell, numbers)}>
            {[first, second].map(
              (chosen) =>
                chosen && (
                  <b key={chosen.expert} className="expert-number" style={colourOf(chosen.expert)}>
                    {chosen.expert + 1}
                  </b>
                ),
            )}
          </span>
        )
      }}
    />
  )
}

const wordsOf = (cell: number, numbers: number[]): string =>
  `${cellWords(cell)}: ${numbers.length > 1 ? 'experts' : 'expert'} ${numbers.join(' and ')}`

interface SwitchesProps {
  path: string
  experts: number
  /** shares of the tokens that sum to 1; undefined while there are none */
  shares: readonly number[] | undefined
  /** over which boards */
  over: string
}

/** One switch for each expert, with its share. */
export function ExpertSwitches({ path, experts, shares, over }: SwitchesProps) {
  const known = useStore(playerStore, (state) => state.enabled[path])
  const enabled = known ?? Array<boolean>(experts).fill(true)
  const toggle = async (expert: number) => {
    try {
      await setExperts(
        path,
        enabled.map((on, index) => (index === expert ? !on : on)),
      )
    } catch (error) {
      showToast(error instanceof Error ? error.message : String(error), { tone: 'bad' })
    }
  }
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
              style={{ ...colourOf(expert), '--share': shares?.[expert] ?? 0 } as CSSProperties}
              onClick={() => void toggle(expert)}
            >
              <b className="expert-number">{expert + 1}</b>
              <span id={`expert-share-${expert}`}>{on ? percent(shares?.[expert] ?? 0) : 'off'}</span>
              <i aria-hidden="true" />
            </button>
          </li>
        ))}
      </ul>
      <p className="quiet">Cells per expert, {over}. Tap an expert to switch it off: another one takes its cells.</p>
    </>
  )
}
