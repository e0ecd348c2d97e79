/** The connections of one block: its inputs in order, the blocks it feeds, and those it could feed. */

import { useEffect, useRef, useState } from 'react'
import { hasOutput, kindIndex, nameOf, takesInputs } from '../document/catalogue'
import { reorderInput } from '../document/commands'
import { findComponent } from '../document/edits'
import { problemSentence, problemText } from '../document/messages'
import { inputsOf, outputsOf } from '../document/order'
import { commit, documentOf } from '../document/store'
import { connectBlocks, removeWire } from '../editor/actions'
import { BlockName } from '../editor/BlockName'
import { findTargets, type Target } from '../editor/connection_targets'
import type { Component, ModelArchitecture, Problem } from '../generated/wire'
import { Icon } from '../ui/Icon'
import './block-sheet.css'

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
    <section className="wiring" aria-label="Connections">
      {takesInputs(component.type) && (
        <>
          <h3>Inputs</h3>
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
          <h3>Outputs</h3>
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
      <BlockName design={design} id={id} />
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

/** A refusal beside the name of the target, which need not be named again. */
const aboutTarget = (problem: Problem, id: string, design: ModelArchitecture): string =>
  problem.component_id === id ? problemText(problem) : problemSentence(problem, design)

/** Finds the blocks this one could feed, only once the list is opened. */
function ConnectTo({ design, component, open }: { design: ModelArchitecture; component: Component; open: boolean }) {
  const [shown, setShown] = useState(open)
  const [targets, setTargets] = useState<Target[] | null>(null)
  const top = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (open) top.current?.scrollIntoView({ block: 'start' })
  }, [open])
  useEffect(() => {
    if (!shown) return
    const checking = new AbortController()
    const found: Target[] = []
    void findTargets(design, component.id, checking.signal, (target) => target.byRule || found.push(target)).then(
      () => checking.signal.aborted || setTargets(found),
    )
    return () => checking.abort()
  }, [shown, design, component.id])
  const fitting = targets?.filter((target) => !target.refusal) ?? []
  const refused = targets?.filter((target) => target.refusal) ?? []
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
          {refused.map(({ id, refusal }) => (
            <li key={id} className="refused">
              <WireEnd design={design} id={id} />
              <small>{refusal && aboutTarget(refusal, id, design)}</small>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
