/** Containers, their content, and the copies linked to one definition. */

import type { Component, ModelArchitecture } from '../generated/wire'
import { componentFields, isContainer } from './catalogue'
import { findComponent } from './edits'

/** The container of a component; null is the top level, also for designs stored before there were containers. */
export const insideOf = ({ inside }: Pick<Component, 'id'> & { inside?: string | null }): string | null => inside ?? null

/** The components of a container, or those at the top level. */
export const childrenOf = (design: ModelArchitecture, container: string | null): Component[] =>
  design.components.filter((component) => insideOf(component) === container)

/** Everything in a container, however deep, without itself. */
export function contentOf(design: ModelArchitecture, id: string): Component[] {
  const found = new Map<string, Component>()
  const open = [id]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const child of childrenOf(design, next)) {
      if (found.has(child.id) || child.id === id) continue
      found.set(child.id, child)
      open.push(child.id)
    }
  }
  return design.components.filter((component) => found.has(component.id))
}

/** The containers around a component, the outermost first, without itself. */
export function aroundOf(design: ModelArchitecture, id: string): Component[] {
  const around: Component[] = []
  let at = findComponent(design, id)
  while (at) {
    const next = insideOf(at)
    at = next === null || around.some((seen) => seen.id === next) ? undefined : findComponent(design, next)
    if (at) around.unshift(at)
  }
  return around
}

/** The component whose content this one shares, where it is linked to one. */
export function definitionOf(design: ModelArchitecture, component: Component): Component | undefined {
  for (const { name } of componentFields(component.type)) {
    const named = component.props[name]
    const definition = typeof named === 'string' ? findComponent(design, named) : undefined
    if (definition && definition.id !== component.id) return definition
  }
  return undefined
}

/** The components linked to this one. */
export const copiesOf = (design: ModelArchitecture, id: string): Component[] =>
  design.components.filter((component) => definitionOf(design, component)?.id === id)

/** The container whose content is shown on opening `container`: its definition where it is linked to one. */
export function bodyOf(design: ModelArchitecture, container: string | null): string | null {
  const component = container === null ? undefined : findComponent(design, container)
  return component ? (definitionOf(design, component)?.id ?? component.id) : null
}

/** What one can link a component to: of the same block, with content of their own, neither around it nor in it. */
export function definitionsFor(design: ModelArchitecture, component: Component): Component[] {
  const near = new Set([component, ...aroundOf(design, component.id), ...contentOf(design, component.id)].map(({ id }) => id))
  return design.components.filter(
    (other) => other.type === component.type && !near.has(other.id) && definitionOf(design, other) === undefined,
  )
}

const levels = new WeakMap<ModelArchitecture, Map<string | null, ModelArchitecture>>()

/** The part of a design in one container: its components and the edges between them; the same object for the same design. */
export function levelOf(design: ModelArchitecture, container: string | null): ModelArchitecture {
  const known = levels.get(design) ?? new Map<string | null, ModelArchitecture>()
  levels.set(design, known)
  const found = known.get(container) ?? cut(design, container)
  known.set(container, found)
  return found
}

function cut(design: ModelArchitecture, container: string | null): ModelArchitecture {
  const components = childrenOf(design, container)
  if (components.length === design.components.length) return design
  const members = new Set(components.map(({ id }) => id))
  return { ...design, components, edges: design.edges.filter(([source, target]) => members.has(source) && members.has(target)) }
}

/** Whether a component is a container. */
export const holds = (component: Pick<Component, 'type'>): boolean => isContainer(component.type)

/** Whether a component can move into a container, or to the top level: the container is there, and not in the component. */
export const canLieIn = (design: ModelArchitecture, id: string, inside: string | null): boolean =>
  inside === null ||
  (inside !== id && findComponent(design, inside) !== undefined && aroundOf(design, inside).every((around) => around.id !== id))
