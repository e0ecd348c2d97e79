/** The smallest changes a design can take, each by id and each with its inverse; it knows no screen and no block. */

import type { Component, Defaults, ModelArchitecture } from '../generated/wire'

export type Step =
  | { do: 'place'; component: Component; at: number }
  | { do: 'take'; id: string }
  | { do: 'move'; id: string; x: number; y: number }
  | { do: 'put'; id: string; inside: string | null }
  | { do: 'set'; id: string; field: string; value: unknown }
  | { do: 'join'; source: string; target: string; at: number }
  | { do: 'part'; source: string; target: string }
  | { do: 'swap'; one: string; other: string }
  | { do: 'meta'; field: keyof Defaults; value: number }
  | { do: 'name'; name: string }

interface Stepped {
  design: ModelArchitecture
  /** undoes it when applied in order; empty when nothing changed */
  inverse: Step[]
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

/** Apply one step; a step that no longer fits (its component has gone, its edge is there already) changes nothing. */
function applyStep(design: ModelArchitecture, step: Step): Stepped {
  switch (step.do) {
    case 'place':
      return place(design, step.component, step.at)
    case 'take':
      return take(design, step.id)
    case 'move':
      return move(design, step.id, step.x, step.y)
    case 'put':
      return put(design, step.id, step.inside)
    case 'set':
      return setField(design, step.id, step.field, step.value)
    case 'join':
      return join(design, step.source, step.target, step.at)
    case 'part':
      return part(design, step.source, step.target)
    case 'swap':
      return swap(design, step.one, step.other)
    case 'meta':
      if (design.meta[step.field] === step.value) return { design, inverse: [] }
      return {
        design: { ...design, meta: { ...design.meta, [step.field]: step.value } },
        inverse: [{ do: 'meta', field: step.field, value: design.meta[step.field] }],
      }
    case 'name':
      if (design.name === step.name) return { design, inverse: [] }
      return { design: { ...design, name: step.name }, inverse: [{ do: 'name', name: design.name }] }
  }
}

/** Apply steps in order and collect the steps that undo them. */
export function applySteps(design: ModelArchitecture, steps: readonly Step[]): Stepped {
  let current = design
  const inverse: Step[] = []
  for (const step of steps) {
    const stepped = applyStep(current, step)
    current = stepped.design
    inverse.unshift(...stepped.inverse)
  }
  return { design: current, inverse }
}

/** Steps collected one by one, for a command whose next step depends on what the last one made. */
export class Draft {
  readonly steps: Step[] = []
  constructor(public design: ModelArchitecture) {}

  do(...steps: Step[]): this {
    this.design = applySteps(this.design, steps).design
    this.steps.push(...steps)
    return this
  }
}

function place(design: ModelArchitecture, component: Component, at: number): Stepped {
  if (findComponent(design, component.id)) return { design, inverse: [] }
  return {
    design: { ...design, components: insertAt(design.components, at, component) },
    inverse: [{ do: 'take', id: component.id }],
  }
}

function take(design: ModelArchitecture, id: string): Stepped {
  const at = design.components.findIndex((component) => component.id === id)
  if (at < 0) return { design, inverse: [] }
  const joins: Step[] = []
  design.edges.forEach(([source, target], index) => {
    if (source === id || target === id) joins.push({ do: 'join', source, target, at: index })
  })
  return {
    design: {
      ...design,
      components: design.components.filter((component) => component.id !== id),
      edges: design.edges.filter(([source, target]) => source !== id && target !== id),
    },
    inverse: [{ do: 'place', component: design.components[at] as Component, at }, ...joins],
  }
}

function move(design: ModelArchitecture, id: string, x: number, y: number): Stepped {
  const component = findComponent(design, id)
  if (!component || (component.x === x && component.y === y)) return { design, inverse: [] }
  return {
    design: replaceComponent(design, { ...component, x, y }),
    inverse: [{ do: 'move', id, x: component.x, y: component.y }],
  }
}

/** Lay a component into a container, or out into the drawing. */
function put(design: ModelArchitecture, id: string, inside: string | null): Stepped {
  const component = findComponent(design, id)
  const before = component?.inside ?? null
  if (!component || before === inside) return { design, inverse: [] }
  return { design: replaceComponent(design, { ...component, inside }), inverse: [{ do: 'put', id, inside: before }] }
}

function setField(design: ModelArchitecture, id: string, field: string, value: unknown): Stepped {
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

function join(design: ModelArchitecture, source: string, target: string, at: number): Stepped {
  const fits = findComponent(design, source) && findComponent(design, target) && !hasEdge(design, source, target)
  if (!fits) return { design, inverse: [] }
  return {
    design: { ...design, edges: insertAt(design.edges, at, [source, target]) },
    inverse: [{ do: 'part', source, target }],
  }
}

function part(design: ModelArchitecture, source: string, target: string): Stepped {
  const at = design.edges.findIndex(([from, to]) => from === source && to === target)
  if (at < 0) return { design, inverse: [] }
  return {
    design: { ...design, edges: design.edges.filter((_, index) => index !== at) },
    inverse: [{ do: 'join', source, target, at }],
  }
}

/** Exchange two components in every edge and in place: each takes over what the other was wired to. */
function swap(design: ModelArchitecture, one: string, other: string): Stepped {
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
