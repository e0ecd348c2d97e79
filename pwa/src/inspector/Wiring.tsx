/** The wires of one block: what feeds it, in order, what it feeds, and where it could go. */

import { useEffect, useRef, useState } from 'react'
import { hasOutput, kindIndex, nameOf, takesInputs } from '../document/catalogue'
import { reorderInput } from '../document/commands'
import { inputsOf, outputsOf } from '../document/order'
import { findComponent } from '../document/steps'
import { commit, documentOf } from '../document/store'
import { connectBlocks, removeWire } from '../editor/actions'
import { askTargets, type Target } from '../editor/connection_targets'
import type { Component, ModelArchitecture } from '../generated/wire'
import { Icon } from '../ui/Icon'

interface Props {
  design: ModelArchitecture
  component: Component
  startWithConnect: boolean
}

const named = (design: ModelArchitecture, id: string): string => {
  const component = findComponent(design, id)
  return component ? nameOf(component) : id
}

export function Wiring({ design, component, startWithConnect }: Props) {
  const inputs = inputsOf(design, component.id)
  const outputs = outputsOf(design, component.id)
  return (
    <section className="wiring" aria-label="Wires">
      {takesInputs(component.type) && (
        <>
          <h3>Fed by</h3>
          {inputs.length === 0 && <p className="quiet">Nothing yet.</p>}
          <ol>
            {inputs.map((source, index) => (
              <InputRow key={source} design={design} source={source} target={component.id} index={index} count={inputs.length} />
            ))}
          </ol>
        </>
      )}
      {hasOutput(component.type) && (
        <>
          <h3>Feeds</h3>
          {outputs.length === 0 && <p className="quiet">Nothing yet.</p>}
          <ul>
            {outputs.map((target) => (
              <li key={target} className="wire-row">
                <WireEnd design={design} id={target} />
                <Cut label={`Disconnect ${named(design, target)}`} onCut={() => removeWire(component.id, target)} />
              </li>
            ))}
          </ul>
          <ConnectTo design={design} component={component} open={startWithConnect} />
        </>
      )}
    </section>
  )
}

function WireEnd({ design, id }: { design: ModelArchitecture; id: string }) {
  const component = findComponent(design, id)
  return (
    <span className="wire-end">
      <span className="kind-dot" data-kind={component ? kindIndex(component.type) : 5} />
      {named(design, id)}
    </span>
  )
}

function Cut({ label, onCut }: { label: string; onCut: () => void }) {
  return (
    <button type="button" className="button" data-look="bare" data-square aria-label={label} onClick={onCut}>
      <Icon name="close" />
    </button>
  )
}

interface InputRowProps {
  design: ModelArchitecture
  source: string
  target: string
  index: number
  count: number
}

function InputRow({ design, source, target, index, count }: InputRowProps) {
  const shift = (by: -1 | 1) => {
    const now = documentOf(design.id)
    if (now) commit(reorderInput(now, { target, source, by }))
  }
  return (
    <li className="wire-row">
      <WireEnd design={design} id={source} />
      {count > 1 && (
        <>
          <button
            type="button"
            className="button"
            data-look="bare"
            data-square
            disabled={index === 0}
            aria-label={`Earlier input ${source}`}
            onClick={() => shift(-1)}
          >
            <Icon name="up" />
          </button>
          <button
            type="button"
            className="button"
            data-look="bare"
            data-square
            disabled={index === count - 1}
            aria-label={`Later input ${source}`}
            onClick={() => shift(1)}
          >
            <Icon name="down" />
          </button>
        </>
      )}
      <Cut label={`Disconnect ${named(design, source)}`} onCut={() => removeWire(source, target)} />
    </li>
  )
}

/** Asks which blocks this one could feed, only once the list is opened. */
function ConnectTo({ design, component, open }: { design: ModelArchitecture; component: Component; open: boolean }) {
  const [shown, setShown] = useState(open)
  const [targets, setTargets] = useState<Target[] | null>(null)
  const top = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (open) top.current?.scrollIntoView({ block: 'start' })
  }, [open])
  useEffect(() => {
    if (!shown) return
    const asking = new AbortController()
    const found: Target[] = []
    void askTargets(design, component.id, asking.signal, (target) => target.atOnce || found.push(target)).then(
      () => asking.signal.aborted || setTargets(found),
    )
    return () => asking.abort()
  }, [shown, design, component.id])
  const fitting = targets?.filter((target) => !target.reason) ?? []
  const refused = targets?.filter((target) => target.reason) ?? []
  return (
    <div className="connect-to">
      <button ref={top} type="button" className="button" aria-expanded={shown} onClick={() => setShown(!shown)}>
        <Icon name="connect" /> Connect to…
      </button>
      {shown && targets && fitting.length === 0 && <p className="quiet">No other block can take this.</p>}
      {shown && (
        <ul>
          {fitting.map(({ id }) => (
            <li key={id}>
              <button type="button" className="connect-target" onClick={() => void connectBlocks(component.id, id)}>
                <WireEnd design={design} id={id} />
              </button>
            </li>
          ))}
          {refused.map(({ id, reason }) => (
            <li key={id} className="refused">
              <WireEnd design={design} id={id} />
              <small>{reason?.replace(`${named(design, id)}: `, '')}</small>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
