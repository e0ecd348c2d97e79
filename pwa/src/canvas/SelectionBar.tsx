/** Actions on the selected blocks or the selected edge, within reach of the thumb. */

import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { findComponent } from '../document/edits'
import { documentStore, select } from '../document/store'
import { uiStore } from '../editor/ui_state'
import { whenIdle } from '../lib/when_idle'
import { useDismissableLayer } from '../navigation/useDismissableLayer'
import { later } from '../ui/later'
import { useAfterPaint } from '../ui/useAfterPaint'

const load = () => import('./selection_bars')
/** Before the app is stored for offline use, a bar that cannot be loaded is left out; it is tried again at the next selection. */
const Nothing = () => null
const BlockBar = later(load, (bars) => bars.BlockBar, Nothing)
const SeveralBar = later(load, (bars) => bars.SeveralBar, Nothing)
const ConnectingBar = later(load, (bars) => bars.ConnectingBar, Nothing)
const WireBar = later(load, (bars) => bars.WireBar, Nothing)

/** What cannot be loaded is tried again at the first selection. */
const preload = () => void BlockBar.preload().catch(() => {})

export function SelectionBar() {
  useEffect(() => whenIdle(preload), [])
  useSelectedLayer()
  const selection = useAfterPaint(useStore(documentStore, (state) => state.selection))
  const { connecting, dragging, selecting, wire, sheet } = useStore(uiStore)
  const several = selection.length > 1
  const design = useStore(documentStore, (state) => state.design)
  const selected = several ? undefined : selection[0]
  const component = design && selected ? findComponent(design, selected) : undefined
  if (sheet || dragging || !design) return null
  if (connecting) return <ConnectingBar />
  if (wire) return <WireBar wire={wire} />
  if (selecting || several) return <SeveralBar />
  return component ? <BlockBar component={component} /> : null
}

/** Back and Escape deselect a block; one that was selected before the canvas opened is left to the next screen, as Back is. */
function useSelectedLayer(): void {
  const selected = useStore(documentStore, (state) => (state.selection.length === 1 ? state.selection[0] : undefined))
  const [earlier, setEarlier] = useState(selected)
  if (earlier !== undefined && selected !== earlier) setEarlier(undefined)
  useDismissableLayer(() => select([]), selected !== undefined && selected !== earlier, true)
}
