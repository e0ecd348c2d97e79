/** The open container of a design: a breadcrumb of links from the whole design to it. */

import type { MouseEvent } from 'react'
import { useStore } from 'zustand'
import { nameOf } from '../document/catalogue'
import { findComponent } from '../document/edits'
import { aroundOf, copiesOf, definitionOf, insideOf } from '../document/inside'
import { nameIn } from '../document/names'
import { documentStore } from '../document/store'
import { BlockName } from '../editor/BlockName'
import { goInside, goOutside } from '../editor/navigation'
import type { Component, ModelArchitecture } from '../generated/wire'
import { hrefOf } from '../navigation/router'
import { Icon } from '../ui/Icon'

export function Breadcrumb() {
  const design = useStore(documentStore, (state) => state.design)
  const inside = useStore(documentStore, (state) => state.inside)
  const container = design && inside ? findComponent(design, inside) : undefined
  if (!design || !container) return null
  const crumbs: (Component | null)[] = [null, ...aroundOf(design, container.id)]
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
        {crumbs.map((component) => (
          <li key={component?.id ?? ''}>
            <Crumb design={design} component={component} />
          </li>
        ))}
        <li aria-current="location">
          <span>
            <BlockName design={design} id={container.id} />
          </span>
        </li>
      </ol>
      <SharedContent design={design} container={container} />
    </nav>
  )
}

/** A link to a container, or with null to the whole design. */
function Crumb({ design, component }: { design: ModelArchitecture; component: Component | null }) {
  const go = (event: MouseEvent) => {
    event.preventDefault()
    goInside(component?.id ?? null)
  }
  return (
    <a href={hrefOf({ screen: 'design', id: design.id, inside: component?.id })} onClick={go}>
      {component ? <BlockName design={design} id={component.id} /> : design.name}
    </a>
  )
}

/** Which containers share this content, where several do. */
function SharedContent({ design, container }: { design: ModelArchitecture; container: Component }) {
  const definition = definitionOf(design, container)
  const copies = copiesOf(design, definition?.id ?? container.id).length + 1
  if (copies < 2) return null
  return (
    <p className="places-shared">
      <Icon name="link" /> Linked{definition && ` to ${nameIn(design, definition.id)}`}: changes{' '}
      {copies === 2 ? 'both' : `all ${copies}`} copies
    </p>
  )
}
