/** Attention: where a cell of the board looks, in one layer, by one head or the mean of all. */

import { type RefObject, useMemo } from 'react'
import { useStore } from 'zustand'
import type { ShownAttention } from '../player/types'
import { percent } from '../ui/numbers'
import { CellLayer, cellElements, cellWords } from './Board'
import { Picker } from './Choice'
import { looksOf } from './inside'
import { playStore } from './play_state'
import { NO_TEXT, useWrites, writeText } from './useWrites'

const STRONGEST_VEIL = 0.82
/** how many different ones there are */
const VEILS = 40
const MIN_SHOWN = 0.02
const SEPARATOR = '|'

/** Above the board: a button on each cell; what the chosen cell does not look at is veiled. */
export function AttentionCells({ attention }: { attention: ShownAttention }) {
  const chosen = useStore(playStore, (state) => state.cell)
  const head = useStore(playStore, (state) => state.head)
  return <AttentionElements layer={useWrites(lookTexts(attention, chosen, head), writeLook)} />
}

/** The elements for `writeLook`. */
export function AttentionElements({ layer }: { layer: RefObject<HTMLDivElement | null> }) {
  const chosen = useStore(playStore, (state) => state.cell)
  const buttons = useMemo(() => cellElements((cell) => <LookButton cell={cell} isChosen={cell === chosen} />), [chosen])
  return (
    <CellLayer name="Attention" ref={layer}>
      {buttons}
    </CellLayer>
  )
}

/** How much a cell looks at each one, as `writeLook` takes it; a head that this network does not have is the mean of all. */
export function lookTexts(attention: ShownAttention, cell: number, head: number | null): string[] {
  const weights = looksOf(attention, cell, head === null || head < attention.heads ? head : null)
  const most = Math.max(...weights, Number.EPSILON)
  return weights.map((weight) => {
    const step = Math.round(VEILS * (1 - weight / most))
    return [step, weight >= MIN_SHOWN ? 'shown' : '', percent(weight)].join(SEPARATOR)
  })
}

function LookButton({ cell, isChosen }: { cell: number; isChosen: boolean }) {
  return (
    <button type="button" className="cell-look" aria-pressed={isChosen} onClick={() => playStore.setState({ cell })}>
      <i />
      <small>{NO_TEXT}</small>
    </button>
  )
}

/** Write how much a cell is looked at: the step of its veil, whether its share is shown, and the share in words. */
export function writeLook(element: HTMLElement, look: string, cell: number): void {
  const [step, isShown, words = ''] = look.split(SEPARATOR)
  const [button] = element.children
  const [veil, share] = (button as HTMLElement).children
  button?.setAttribute('aria-label', `${cellWords(cell)}: ${words}`)
  ;(veil as HTMLElement).style.opacity = String((STRONGEST_VEIL * Number(step)) / VEILS)
  ;(share as HTMLElement).style.visibility = isShown ? '' : 'hidden'
  writeText(share, isShown ? words : NO_TEXT)
}

/** Which head is shown, and what the picture means. */
export function AttentionHeads({ heads }: { heads: number }) {
  const cell = useStore(playStore, (state) => state.cell)
  const head = useStore(playStore, (state) => state.head)
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
