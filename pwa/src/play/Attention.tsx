/** Attention: where a cell of the board looks, in one layer, by one head or the mean of all. */

import type { CSSProperties } from 'react'
import { useStore } from 'zustand'
import type { ShownAttention } from '../player/types'
import { percent } from '../ui/numbers'
import { CellLayer, cellWords } from './Board'
import { Picker } from './Choice'
import { looksOf } from './inside'
import { playStore } from './play_state'

const STRONGEST_VEIL = 0.82
const MIN_SHOWN = 0.02

/** Above the board: a button on each cell; what the chosen cell does not look at is veiled. */
export function AttentionCells({ attention }: { attention: ShownAttention }) {
  const { cell: chosen, head } = useStore(playStore)
  const weights = looksOf(attention, chosen, head === null || head < attention.heads ? head : null)
  const most = Math.max(...weights, Number.EPSILON)
  return (
    <CellLayer
      name="Attention"
      cellOf={(cell) => {
        const weight = weights[cell] ?? 0
        return (
          <button
            type="button"
            className="cell-look"
            aria-pressed={cell === chosen}
            aria-label={`${cellWords(cell)}: ${percent(weight)}`}
            style={{ '--veil': STRONGEST_VEIL * (1 - weight / most) } as CSSProperties}
            onClick={() => playStore.setState({ cell })}
          >
            {weight >= MIN_SHOWN && <small>{percent(weight)}</small>}
          </button>
        )
      }}
    />
  )
}

/** Which head is shown, and what the picture means. */
export function AttentionHeads({ heads }: { heads: number }) {
  const { cell, head } = useStore(playStore)
  const options = [
    { value: 'mean', label: 'Mean of all heads' },
    ...Array.from({ length: heads }, (_, each) => ({ value: String(each), label: `Head ${each + 1}` })),
  ]
  const shown = head === null || head >= heads ? 'mean' : String(head)
  return (
    <>
      <Picker
        name="Head"
        options={heads > 1 ? options : []}
        value={shown}
        onChoose={(value) => playStore.setState({ head: value === 'mean' ? null : Number(value) })}
      />
      <p className="quiet">Tap a cell to see where it looks. Shown: {cellWords(cell)}, as shares of its attention.</p>
    </>
  )
}
