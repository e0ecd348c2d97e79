/** Edits: the smallest changes of a design, each by id and each with its inverse. */

import type { Component, Defaults, ModelArchitecture } from '../generated/wire'
import { plainVersion, schemaVersion } from './catalogue'

export type Edit =
  | { do: 'add'; component: Component; at: number }
  | { do: 'remove'; id: string }
  | { do: 'move'; id: string; x: number; y: number }
  | { do: 'reparent'; id: string; inside: string | null }
  | { do: 'name_block'; id: string; name: string | undefined }
  | { do: 'set'; id: string; field: string; value: unknown }
  | { do: 'connect'; source: string; target: string; at: number }
  | { do: 'disconnect'; source: string; target: string }
  | { do: 'swap'; one: string; other: string }
  | { do: 'meta'; field: keyof Defaults; value: number }
  | { do: 'name'; name: string }

interface Applied {
  design: ModelArchitecture
  /** undoes it when applied in order; empty when nothing changed */
  inverse: Edit[]
}

export const findComponent = (design: ModelArchitecture, id: string): Component | undefined =>
  design.components.find((component) => component.id === id)

export const hasEdge = (design: ModelArchitecture, source: string, target: string): boolean =>
  design.edges.some(([from, to]) => from === source && to === target)

const insertAt = <T>(list: readonly T[], at: number, item: T): T[] => [...list.slice(0, at), item, ...list.slice(at)]

const replaceComponent = (design: ModelArchitecture, changed: Component): ModelArchitecture => ({
  ...design,
  components: design.components.map((component) => (component.id === changed.id ? changed : component)),
})

/** The design in the version that it needs (`version_of` in `shared_py/design.py`); one of an unknown version keeps that. */
function inItsVersion(design: ModelArchitecture): ModelArchitecture {
  const { schema_version: now } = design
  const needed = design.components.some(({ name }) => name !== undefined) ? schemaVersion : plainVersion
  return now === needed || now < plainVersion || now > schemaVersion ? design : { ...design, schema_version: needed }
}

/** Apply one edit; one that no longer fits (its component has gone, its edge is there already) changes nothing. */
function applyEdit(design: ModelArchitecture, edit: Edit): Applied {
  switch (edit.do) {
    case 'add':
      return addComponent(design, edit.component, edit.at)
    case 'remove':
      return removeComponent(design, edit.id)
    case 'move':
      return move(design, edit.id, edit.x, edit.y)
    case 'reparent':
      return reparent(design, edit.id, edit.inside)
    case 'name_block':
      return nameBlock(design, edit.id, edit.name)
    case 'set':
      return setField(design, edit.id, edit.field, edit.value)
    case 'connect':
      return connect(design, edit.source, edit.target, edit.at)
    case 'disconnect':
      return disconnect(design, edit.source, edit.target)
    case 'swap':
      return swap(design, edit.one, edit.other)
    case 'meta':
      if (design.meta[edit.field] === edit.value) return { design, inverse: [] }
      return {
        design: { ...design, meta: { ...design.meta, [edit.field]: edit.value } },
        inverse: [{ do: 'meta', field: edit.field, value: design.meta[edit.field] }],
      }
    case 'name':
      if (design.name === edit.name) return { design, inverse: [] }
      return { design: { ...design, name: edit.name }, inverse: [{ do: 'name', name: design.name }] }
  }
}

/** Apply edits in order and collect the edits that undo them. */
export function applyEdits(design: ModelArchitecture, edits: readonly Edit[]): Applied {
  let current = design
  const inverse: Edit[] = []
  for (const edit of edits) {
    const applied = applyEdit(current, edit)
    current = applied.design
    inverse.unshift(...applied.inverse)
  }
  return { design: current, inverse }
}

/** Edits collected one by one, for a command whose next edit depends on the result of the last. */
export class Draft {
  readonly edits: Edit[] = []
  constructor(public design: ModelArchitecture) {}

  do(...edits: Edit[]): this {
    this.design = applyEdits(this.design, edits).design
    this.edits.push(...edits)
    return this
  }
}

function addComponent(design: ModelArchitecture, component: Component, at: number): Applied {
  if (findComponent(design, component.id)) return { design, inverse: [] }
  return {
    design: inItsVersion({ ...design, components: insertAt(design.components, at, component) }),
    inverse: [{ do: 'remove', id: component.id }],
  }
}

function removeComponent(design: ModelArchitecture, id: string): Applied {
  const at = design.components.findIndex((component) => component.id === id)
  if (at < 0) return { design, inverse: [] }
  const joins: Edit[] = []
  design.edges.forEach(([source, target], index) => {
    if (source === id || target === id) joins.push({ do: 'connect', source, target, at: index })
  })
  return {
    design: inItsVersion({
      ...design,
      components: design.components.filter((component) => component.id !== id),
      edges: design.edges.filter(([source, target]) => source !== id && target !== id),
    }),
    inverse: [{ do: 'add', component: design.components[at] as Component, at }, ...joins],
  }
}

function move(design: ModelArchitecture, id: string, x: number, y: number): Applied {
  const component = findComponent(design, id)
  if (!component || (component.x === x && component.y === y)) return { design, inverse: [] }
  return {
    design: replaceComponent(design, { ...component, x, y }),
    inverse: [{ do: 'move', id, x: component.x, y: component.y }],
  }
}

/** Move a component into a container, or to the top level. */
function reparent(design: ModelArchitecture, id: string, inside: string | null): Applied {
  const component = findComponent(design, id)
  const before = component?.inside ?? null
  if (!component || before === inside) return { design, inverse: [] }
  return { design: replaceComponent(design, { ...component, inside }), inverse: [{ do: 'reparent', id, inside: before }] }
}

/** Give a component a name of its own; undefined leaves it to the title of its block. */
function nameBlock(design: ModelArchitecture, id: string, name: string | undefined): Applied {
  const component = findComponent(design, id)
  if (!component || component.name === name) return { design, inverse: [] }
  const { name: before, ...unnamed } = component
  const changed = name === undefined ? unnamed : { ...component, name }
  return {
    design: inItsVersion(replaceComponent(design, changed)),
    inverse: [{ do: 'name_block', id, name: before }],
  }
}

function setField(design: ModelArchitecture, id: string, field: string, value: unknown): Applied {
  const component = findComponent(design, id)
  if (!component || Object.is(component.props[field], value)) return { design, inverse: [] }
  const props = { ...component.props }
  if (value === undefined) delete props[field]
  else props[field] = value
  return {
    design: replaceComponent(design, { ...component, props }),
    inverse: [{ do: 'set', id, field, value: component.props[field] }],
  }
}

function connect(design: ModelArchitecture, source: string, target: string, at: number): Applied {
  const fits = findComponent(design, source) && findComponent(design, target) && !hasEdge(design, source, target)
  if (!fits) return { design, inverse: [] }
  return {
    design: { ...design, edges: insertAt(design.edges, at, [source, target]) },
    inverse: [{ do: 'disconnect', source, target }],
  }
}

function disconnect(design: ModelArchitecture, source: string, target: string): Applied {
  const at = design.edges.findIndex(([from, to]) => from === source && to === target)
  if (at < 0) return { design, inverse: [] }
  return {
    design: { ...design, edges: design.edges.filter((_, index) => index !== at) },
    inverse: [{ do: 'connect', source, target, at }],
  }
}

/** Swap two components in every edge and in position: each takes over the connections of the other. */
function swap(design: ModelArchitecture, one: string, other: string): Applied {
  const a = findComponent(design, one)
  const b = findComponent(design, other)
  if (!a || !b || one === other) return { design, inverse: [] }
  const renamed = (id: string) => (id === one ? other : id === other ? one : id)
  return {
    design: {
      ...design,
      components: design.components.map((component) => {
        if (component.id === one) return { ...component, x: b.x, y: b.y }
        if (component.id === other) return { ...component, x: a.x, y: a.y }
        return component
      }),
      edges: design.edges.map(([source, target]) => [renamed(source), renamed(target)]),
    },
    inverse: [{ do: 'swap', one, other }],
  }
}
