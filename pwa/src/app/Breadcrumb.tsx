/** Where one is in a drawing with containers: the way from the whole design to the open one, each step a link. */

import type { MouseEvent } from 'react'
import { useStore } from 'zustand'
import { nameOf } from '../document/catalogue'
import { findComponent } from '../document/edits'
import { aroundOf, copiesOf, definitionOf, insideOf } from '../document/inside'
import { documentStore } from '../document/store'
import { goInside, goOutside } from '../editor/navigation'
import type { Component, ModelArchitecture } from '../generated/wire'
import { hrefOf } from '../navigation/router'
import { Icon } from '../ui/Icon'

export function Breadcrumb() {
  const design = useStore(documentStore, (state) => state.design)
  const inside = useStore(documentStore, (state) => state.inside)
  const container = design && inside ? findComponent(design, inside) : undefined
  if (!design || !container) return null
  const way: (Component | null)[] = [null, ...aroundOf(design, container.id)]
  const outer = findComponent(design, insideOf(container) ?? '')
  return (
    <nav className="places" aria-label="Place">
      <button
        type="button"
        className="button"
        data-look="bare"
        data-square
        aria-label={`Up to ${outer ? nameOf(outer) : design.name}`}
        onClick={goOutside}
      >
        <Icon name="back" />
      </button>
      <ol>
        {way.map((step) => (
          <li key={step?.id ?? ''}>
            <Step design={design} step={step} />
          </li>
        ))}
        <li aria-current="location">
          <span>{nameOf(container)}</span>
        </li>
      </ol>
      <Shared design={design} container={container} />
    </nav>
  )
}

function Step({ design, step }: { design: ModelArchitecture; step: Component | null }) {
  const go = (event: MouseEvent) => {
    event.preventDefault()
    goInside(step?.id ?? null)
  }
  return (
    <a href={hrefOf({ screen: 'design', id: design.id, inside: step?.id })} onClick={go}>
      {step ? nameOf(step) : design.name}
    </a>
  )
}

/** Whose content this is, where several share it. */
function Shared({ design, container }: { design: ModelArchitecture; container: Component }) {
  const definition = definitionOf(design, container)
  const copies = copiesOf(design, definition?.id ?? container.id).length + 1
  if (copies < 2) return null
  return (
    <p className="places-shared">
      <Icon name="link" /> Linked{definition && ` to ${definition.id}`}: changes {copies === 2 ? 'both' : `all ${copies}`} copies
    </p>
  )
}
