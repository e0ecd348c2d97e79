/** The two views of a design: canvas and chain. */

import type { KeyboardEvent } from 'react'
import { useStore } from 'zustand'
import { uiStore } from '../editor/ui_state'

const TABS = [
  { tab: 'canvas', label: 'Canvas' },
  { tab: 'chain', label: 'Chain' },
] as const

export function Tabs() {
  const current = useStore(uiStore, (state) => state.tab)
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return
    const tab = current === 'canvas' ? 'chain' : 'canvas'
    uiStore.setState({ tab })
    event.currentTarget.querySelector<HTMLElement>(`#tab-${tab}`)?.focus()
  }
  return (
    <div className="tabs" role="tablist" aria-label="View" onKeyDown={onKeyDown}>
      {TABS.map(({ tab, label }) => (
        <button
          key={tab}
          type="button"
          role="tab"
          id={`tab-${tab}`}
          aria-selected={current === tab}
          aria-controls="drawing"
          tabIndex={current === tab ? 0 : -1}
          onClick={() => uiStore.setState({ tab, connecting: null, selecting: false, wire: null, sheet: null })}
        >
          {label}
        </button>
      ))}
    </div>
  )
}
