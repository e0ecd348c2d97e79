/** What can be done with the selected block or wire, within reach of the thumb. */

import { useStore } from 'zustand'
import { editBlock, removeWire, startConnecting } from '../app/actions'
import { goInside } from '../app/place'
import { uiStore } from '../app/ui'
import { hasOutput, kindIndex, nameOf } from '../document/catalogue'
import { holds } from '../document/inside'
import { findComponent } from '../document/steps'
import { documentStore } from '../document/store'
import type { Component } from '../generated/wire'
import { Icon } from '../theme/Icon'
import { exactly } from '../theme/numbers'
import { verdictStore } from '../validate/verdict'

export function SelectionBar() {
  const { connecting, wire, sheet } = useStore(uiStore)
  const design = useStore(documentStore, (state) => state.design)
  const selected = useStore(documentStore, (state) => (state.selection.length === 1 ? state.selection[0] : undefined))
  const component = design && selected ? findComponent(design, selected) : undefined
  if (sheet || !design) return null
  if (connecting) return <ConnectingBar />
  if (wire) return <WireBar wire={wire} />
  return component ? <BlockBar component={component} /> : null
}

function BlockBar({ component }: { component: Component }) {
  const size = useStore(verdictStore, (state) => state.verdict?.blocks[component.id]?.parameters)
  const name = nameOf(component)
  const container = holds(component)
  return (
    <div className="selection-bar">
      <span className="kind-dot" data-kind={kindIndex(component.type)} />
      <p>
        {name}
        {size !== undefined && <small>{size === 0 ? 'no parameters' : `${exactly(size)} parameters`}</small>}
      </p>
      {hasOutput(component.type) && (
        <button
          type="button"
          className="button"
          data-square
          aria-label={`Connect ${name}`}
          onClick={() => startConnecting(component.id)}
        >
          <Icon name="connect" />
        </button>
      )}
      <button
        type="button"
        className="button"
        data-look={container ? undefined : 'primary'}
        data-square={container || undefined}
        aria-label={`Edit ${name}`}
        onClick={() => editBlock(component.id)}
      >
        <Icon name="edit" /> {!container && 'Edit'}
      </button>
      {container && (
        <button
          type="button"
          className="button"
          data-look="primary"
          aria-label={`Open ${name}`}
          onClick={() => goInside(component.id)}
        >
          <Icon name="enter" /> Open
        </button>
      )}
    </div>
  )
}

function ConnectingBar() {
  return (
    <div className="selection-bar">
      <Icon name="connect" />
      <p>Tap the block it should feed</p>
      <button type="button" className="button" onClick={() => uiStore.setState({ connecting: null })}>
        Cancel
      </button>
    </div>
  )
}

function WireBar({ wire: [source, target] }: { wire: [string, string] }) {
  return (
    <div className="selection-bar">
      <Icon name="connect" />
      <p>
        Wire <span className="mono">{source}</span> → <span className="mono">{target}</span>
      </p>
      <button type="button" className="button" data-look="bad" onClick={() => removeWire(source, target)}>
        <Icon name="bin" /> Remove
      </button>
    </div>
  )
}
