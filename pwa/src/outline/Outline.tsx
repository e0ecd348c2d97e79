/** The design as a list: every block a card in reading order, every action of the canvas a button. */

import { useEffect, useMemo, useRef } from 'react'
import { useStore } from 'zustand'
import { blockOf, hasOutput, kindIndex, nameOf } from '../document/catalogue'
import { mayChangePlaces, reorder } from '../document/commands'
import { countInside } from '../document/contain'
import { holds } from '../document/inside'
import { nameIn } from '../document/names'
import { inputsOf, outputsOf, readingOrder } from '../document/order'
import { commit, documentStore, endMerge, openLevel } from '../document/store'
import { summaryOf } from '../document/values'
import { editBlock } from '../editor/actions'
import { marksOf } from '../editor/block_marks'
import { EmptyPlace } from '../editor/EmptyPlace'
import { goInside } from '../editor/navigation'
import { openSheet } from '../editor/ui_state'
import { validationStore } from '../editor/validation'
import type { Component, ModelArchitecture } from '../generated/wire'
import { HeatBar } from '../runs/HeatBar'
import { Icon } from '../ui/Icon'
import { exactly } from '../ui/numbers'
import { insideWords } from '../ui/words'
import './chain.css'

export function Chain() {
  const design = useStore(documentStore, (state) => state.design)
  const level = useStore(documentStore, openLevel)
  const order = useMemo(() => (level ? readingOrder(level) : []), [level])
  if (!design) return null
  return (
    <div className="chain">
      {order.length === 0 && <EmptyPlace />}
      <ol>
        {order.map((component, index) => (
          <Card key={component.id} design={design} component={component} previous={order[index - 1]} next={order[index + 1]} />
        ))}
      </ol>
    </div>
  )
}

interface CardProps {
  design: ModelArchitecture
  component: Component
  previous: Component | undefined
  next: Component | undefined
}

function Card({ design, component, previous, next }: CardProps) {
  const { id, type } = component
  const name = nameOf(component)
  const plain = blockOf(type)?.properties.length === 0
  const selected = useStore(documentStore, (state) => state.selection.includes(id))
  const item = useRef<HTMLLIElement>(null)
  useEffect(() => {
    if (selected) item.current?.scrollIntoView?.({ block: 'nearest' })
  }, [selected])
  const problem = useStore(validationStore, (state) => marksOf(state).get(id)?.problem)
  const hint = useStore(validationStore, (state) => marksOf(state).get(id)?.hint)
  const parameters = useStore(validationStore, (state) => state.result?.blocks[id]?.parameters)
  return (
    <li ref={item} className="card-item" aria-label={name} data-selected={selected || undefined}>
      <Inputs design={design} id={id} previous={previous} />
      <div className="card" data-kind={kindIndex(type)} data-bad={problem !== undefined || undefined}>
        <div className="card-face">
          <button type="button" className="card-edit" aria-label={`Edit ${name}`} onClick={() => editBlock(id)} />
          <span className="card-title">{nameIn(design, id)}</span>
          <span className="card-line">
            {problem ?? (summaryOf(component, design.meta, (other) => nameIn(design, other)) || (plain && 'no settings'))}
          </span>
          {problem === undefined && !!parameters && <span className="card-line">{exactly(parameters)} parameters</span>}
          {problem === undefined && hint !== undefined && <span className="card-line card-hint">{hint}</span>}
          <HeatBar id={id} />
        </div>
        <Move component={component} partner={previous} by={-1} />
        <Move component={component} partner={next} by={1} />
        {holds(component) && (
          <button type="button" className="card-open" onClick={() => goInside(id)}>
            <Icon name="enter" />
            <span>
              Open <span className="sr-only">{name}</span>
              <span aria-hidden="true"> · {insideWords(countInside(design, component))}</span>
            </span>
          </button>
        )}
      </div>
      {hasOutput(type) && <OutputRow design={design} component={component} next={next} />}
    </li>
  )
}

/** Where a block is fed from, said only where it is not simply the card above. */
function Inputs({ design, id, previous }: { design: ModelArchitecture; id: string; previous: Component | undefined }) {
  const inputs = inputsOf(design, id)
  const plain = inputs.length === 1 && inputs[0] === previous?.id
  if (plain || inputs.length === 0) return null
  return <p className="card-inputs">from {inputs.map((input) => nameIn(design, input)).join(' + ')}</p>
}

function Move({ component, partner, by }: { component: Component; partner: Component | undefined; by: -1 | 1 }) {
  const move = () => {
    const now = documentStore.getState().design
    endMerge()
    if (now) commit(reorder(now, { id: component.id, by }))
  }
  return (
    <button
      type="button"
      className="button"
      data-look="bare"
      data-square
      aria-label={`Move ${nameOf(component)} ${by < 0 ? 'up' : 'down'}`}
      disabled={!partner || !mayChangePlaces(component, partner)}
      onClick={move}
    >
      <Icon name={by < 0 ? 'up' : 'down'} />
    </button>
  )
}

/** The edges under a card: what leaves, where to, and the ways to add and connect. */
function OutputRow({
  design,
  component,
  next,
}: {
  design: ModelArchitecture
  component: Component
  next: Component | undefined
}) {
  const { id } = component
  const name = nameOf(component)
  const shape = useStore(validationStore, (state) => state.result?.blocks[id]?.shape)
  const outputs = outputsOf(design, id)
  const elsewhere = outputs.filter((target) => target !== next?.id)
  return (
    <div className="leaving" data-open={outputs.length === 0 || undefined}>
      <button
        type="button"
        className="round"
        aria-label={`Add after ${name}`}
        onClick={() => openSheet({ name: 'blocks', after: id })}
      >
        <Icon name="add" />
      </button>
      <span className="mono leaving-shape">{shape}</span>
      {elsewhere.length > 0 && (
        <span className="leaving-to">to {elsewhere.map((target) => nameIn(design, target)).join(', ')}</span>
      )}
      <button type="button" className="round" aria-label={`Connect ${name}`} onClick={() => editBlock(id, 'connect')}>
        <Icon name="connect" />
      </button>
    </div>
  )
}
