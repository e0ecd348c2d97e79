/** Attention: where a cell of the board looks, in one layer, by one head or the mean of all. */

import { useMemo } from 'react'
import { useStore } from 'zustand'
import { lookIn, lookTexts } from '../player/overlay'
import type { ShownAttention } from '../player/types'
import { CellLayer, cellElements, cellWords } from './Board'
import { Picker } from './Choice'
import { playStore } from './play_state'
import { NO_TEXT, useWrites, writeText } from './useWrites'

/** Above the board: a button on each cell; what the chosen cell does not look at is veiled. */
export function AttentionCells({ attention }: { attention: ShownAttention }) {
  const chosen = useStore(playStore, (state) => state.cell)
  const head = useStore(playStore, (state) => state.head)
  const layer = useWrites(lookTexts(attention, chosen, head), writeLook)
  const buttons = useMemo(() => cellElements((cell) => <LookButton cell={cell} isChosen={cell === chosen} />), [chosen])
  return (
    <CellLayer name="Attention" ref={layer}>
      {buttons}
    </CellLayer>
  )
}

function LookButton({ cell, isChosen }: { cell: number; isChosen: boolean }) {
  return (
    <button type="button" className="cell-look" aria-pressed={isChosen} onClick={() => playStore.setState({ cell })}>
      <i />
      <small>{NO_TEXT}</small>
    </button>
  )
}

function writeLook(element: HTMLElement, text: string, cell: number): void {
  const { veil: opacity, words, isShown } = lookIn(text)
  const [button] = element.children
  const [veil, share] = (button as HTMLElement).children
  button?.setAttribute('aria-label', `${cellWords(cell)}: ${words}`)
  ;(veil as HTMLElement).style.opacity = String(opacity)
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
