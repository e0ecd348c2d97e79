/** Copies the content of containers, and moves shared content to another linked copy when its owner is removed. */

import type { Component, ModelArchitecture } from '../generated/wire'
import { componentFields } from './catalogue'
import { type Draft, type Edit, findComponent } from './edits'
import { childrenOf, contentOf, copiesOf } from './inside'

/** What lies in a container, ready to be placed. */
export interface Content {
  components: Component[]
  edges: [string, string][]
}

/** A copy of what lies in `from`, to lie in `into`: new ids, edges and links among the copied ones follow. */
export function copyContent(
  design: ModelArchitecture,
  from: string,
  into: string,
  newId: (taken: Set<string>) => string,
): Content {
  const originals = contentOf(design, from)
  const taken = new Set([...design.components.map(({ id }) => id), into])
  const ids = new Map<string, string>([[from, into]])
  for (const { id } of originals) {
    const fresh = newId(taken)
    taken.add(fresh)
    ids.set(id, fresh)
  }
  const renamed = (id: string) => ids.get(id) ?? id
  const inner = new Set(originals.map(({ id }) => id))
  return {
    components: originals.map((component) => ({
      ...component,
      id: renamed(component.id),
      inside: renamed(component.inside ?? from),
      props: relinked(component, (named) => (inner.has(named) ? renamed(named) : named)),
    })),
    edges: design.edges.flatMap(([source, target]): [string, string][] =>
      inner.has(source) && inner.has(target) ? [[renamed(source), renamed(target)]] : [],
    ),
  }
}

function relinked({ type, props }: Component, rename: (id: string) => string): Component['props'] {
  const changed = { ...props }
  for (const { name } of componentFields(type)) {
    const named = changed[name]
    if (typeof named === 'string') changed[name] = rename(named)
  }
  return changed
}

/** The edits that add content at the end of a design. */
export function placeContent(design: ModelArchitecture, content: Content, at: number): Edit[] {
  return [
    ...content.components.map((component, index): Edit => ({ do: 'add', component, at: at + index })),
    ...content.edges.map(([source, target]): Edit => ({ do: 'connect', source, target, at: design.edges.length + 1e6 })),
  ]
}

/** Name another definition in every property of a component that named the old one; null makes it its own again. */
export function relink(component: Component, from: string, to: string | null): Edit[] {
  return componentFields(component.type)
    .filter(({ name }) => component.props[name] === from)
    .map((form) => ({
      do: 'set',
      id: component.id,
      field: form.name,
      value: to ?? (form.default === null ? undefined : null),
    }))
}

/**
 * Before components go: what they share with linked copies that stay moves to the first of those, and the others follow it.
 * Returns the last component that took something over.
 */
export function passOn(draft: Draft, ids: readonly string[]): string | undefined {
  let kept: string | undefined
  for (let found = heirOf(draft.design, ids); found; found = heirOf(draft.design, ids)) {
    const { owner, heir, others } = found
    draft.do(...childrenOf(draft.design, owner).map(({ id }): Edit => ({ do: 'reparent', id, inside: heir.id })))
    draft.do(...relink(heir, owner, null), ...others.flatMap((other) => relink(other, owner, heir.id)))
    kept = heir.id
  }
  return kept
}

/** A component to be removed to which remaining components are linked, and the copy (`heir`) that takes over its content. */
function heirOf(design: ModelArchitecture, ids: readonly string[]) {
  const going = new Set(ids)
  for (const id of ids) for (const child of contentOf(design, id)) going.add(child.id)
  for (const owner of going) {
    if (!findComponent(design, owner)) continue
    const copies = copiesOf(design, owner)
    const heir = copies.find(({ id }) => !going.has(id))
    if (heir) return { owner, heir, others: copies.filter((copy) => copy !== heir) }
  }
  return undefined
}
