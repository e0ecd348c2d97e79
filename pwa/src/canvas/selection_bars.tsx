/** The bars of the selection: one block, several blocks, one connection, and a block that is being connected. */

import { useStore } from 'zustand'
import { containerKinds, hasOutput, kindIndex, nameOf } from '../document/catalogue'
import { canGroup } from '../document/contain'
import { holds } from '../document/inside'
import { nameIn } from '../document/names'
import { documentStore, select } from '../document/store'
import { deleteSelected, editBlock, groupBlocks, removeWire, startConnecting } from '../editor/actions'
import { targetsStore } from '../editor/connection_targets'
import { goInside } from '../editor/navigation'
import { openSheet, uiStore } from '../editor/ui_state'
import { validationStore } from '../editor/validation'
import type { Component } from '../generated/wire'
import { useDismissableLayer } from '../navigation/useDismissableLayer'
import { Icon } from '../ui/Icon'
import { exactly, plural } from '../ui/numbers'
import './canvas.css'

export function BlockBar({ component }: { component: Component }) {
  const size = useStore(validationStore, (state) => state.result?.blocks[component.id]?.parameters)
  const shape = useStore(validationStore, (state) => state.result?.blocks[component.id]?.shape)
  const name = nameOf(component)
  const title = useStore(documentStore, ({ design }) => (design ? nameIn(design, component.id) : name))
  const container = holds(component)
  return (
    <div className="selection-bar">
      <span className="kind-dot" data-kind={kindIndex(component.type)} />
      <p>
        {title} <span className="sr-only">{component.id}</span>
        {size !== undefined && <small>{sizeWords(size, container)}</small>}
        {shape && hasOutput(component.type) && <small className="mono">{shape}</small>}
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

const sizeWords = (size: number, brief: boolean): string =>
  size === 0 ? 'no parameters' : `${exactly(size)} ${brief ? 'params' : 'parameters'}`

/** What can be done with several blocks at once; while selecting, a tap adds one or lets it go. */
export function SeveralBar() {
  const design = useStore(documentStore, (state) => state.design)
  const selection = useStore(documentStore, (state) => state.selection)
  const chosen = design?.components.filter(({ id }) => selection.includes(id)) ?? []
  const fit = chosen.length > 0 && chosen.every(canGroup)
  const leave = () => {
    uiStore.setState({ selecting: false })
    select([])
  }
  useDismissableLayer(leave)
  return (
    <div className="selection-bar several">
      <p>
        {plural(chosen.length, 'block')}
        <small>{fit ? 'Tap more, or group them into' : 'Some of these cannot be in a container'}</small>
      </p>
      <button type="button" className="button" data-look="bare" data-square aria-label="Choose no blocks" onClick={leave}>
        <Icon name="close" />
      </button>
      <div className="several-ways">
        {containerKinds().map(({ type, title }) => (
          <button
            key={type}
            type="button"
            className="button"
            aria-label={`Group into ${title}`}
            disabled={!fit}
            onClick={() => groupBlocks(selection, type)}
          >
            <span className="kind-dot" data-kind={kindIndex(type)} /> {title}
          </button>
        ))}
        <button type="button" className="button" data-look="bad" data-square aria-label="Delete these" onClick={deleteSelected}>
          <Icon name="bin" />
        </button>
      </div>
    </div>
  )
}

export function ConnectingBar() {
  const none = useStore(
    targetsStore,
    ({ known, all }) => all && [...known.values()].every(({ refusal }) => refusal !== undefined),
  )
  const cancel = () => uiStore.setState({ connecting: null })
  useDismissableLayer(cancel)
  return (
    <div className="selection-bar">
      <Icon name="connect" />
      <p>
        {none ? 'No other block can take this' : 'Tap what it should feed'}
        <small>Tap a faint one to see why it cannot</small>
      </p>
      <button type="button" className="button" onClick={cancel}>
        Cancel
      </button>
    </div>
  )
}

export function WireBar({ wire: [source, target] }: { wire: [string, string] }) {
  useDismissableLayer(() => uiStore.setState({ wire: null }))
  const design = useStore(documentStore, (state) => state.design)
  const called = (id: string) => (design ? nameIn(design, id) : id)
  return (
    <div className="selection-bar several">
      <p>
        {called(source)} → {called(target)}
        <small>Connection</small>
      </p>
      <div className="several-ways">
        <button
          type="button"
          className="button"
          data-look="primary"
          onClick={() => openSheet({ name: 'blocks', after: source, before: target })}
        >
          <Icon name="add" /> Insert a block here
        </button>
        <button type="button" className="button" data-look="bad" onClick={() => removeWire(source, target)}>
          <Icon name="bin" /> Remove
        </button>
      </div>
    </div>
  )
}
