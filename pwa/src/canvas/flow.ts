/** Turns a design into the nodes and edges that React Flow draws, changing only what changed. */

import { type Edge, type Node, type NodeHandle, Position } from '@xyflow/react'
import { hasOutput, nameOf, takesInputs } from '../document/catalogue'
import { countInside } from '../document/contain'
import { BLOCK_HEIGHT, BLOCK_WIDTH, bottomOf, topOf } from '../document/geometry'
import { holds } from '../document/inside'
import type { Component, Defaults, ModelArchitecture } from '../generated/wire'
import { type Lane, type Route, routeEdge } from './route'

/** `inside` is how many blocks a container holds; null for a block that holds none. */
export type BlockNode = Node<{ component: Component; meta: Defaults; inside: number | null }, 'block'>
export type WireEdge = Edge<{ route: Route; ends: [number, number, number, number]; picked: boolean }, 'wire'>

/** The side of the square that React Flow measures for a port, in px. */
export const PORT = 8

const port = (type: 'source' | 'target'): NodeHandle => ({
  type,
  position: type === 'source' ? Position.Bottom : Position.Top,
  x: BLOCK_WIDTH / 2 - PORT / 2,
  y: (type === 'source' ? BLOCK_HEIGHT : 0) - PORT / 2,
  width: PORT,
  height: PORT,
})

const BOTH = [port('target'), port('source')]

const portsOf = (type: string): NodeHandle[] =>
  BOTH.filter((handle) => (handle.type === 'source' ? hasOutput(type) : takesInputs(type)))

/**
 * The nodes of one place of a design; a node whose component and selection are as before is the same object as before.
 * `whole` is the design that the place was cut from.
 */
export function patchNodes(
  before: readonly BlockNode[],
  level: ModelArchitecture,
  selection: readonly string[],
  whole = level,
): BlockNode[] {
  const known = new Map(before.map((node) => [node.id, node]))
  return level.components.map((component) => {
    const selected = selection.includes(component.id)
    const inside = holds(component) ? countInside(whole, component) : null
    const old = known.get(component.id)
    const sameData = old?.data.component === component && old.data.meta === level.meta && old.data.inside === inside
    if (old && sameData && old.selected === selected) return old
    return {
      id: component.id,
      type: 'block' as const,
      position: old?.dragging ? old.position : { x: component.x, y: component.y },
      ...(old?.dragging ? { dragging: true } : {}),
      width: BLOCK_WIDTH,
      height: BLOCK_HEIGHT,
      measured: { width: BLOCK_WIDTH, height: BLOCK_HEIGHT },
      handles: portsOf(component.type),
      selected,
      draggable: selected,
      ariaLabel: nameOf(component),
      data: sameData && old ? old.data : { component, meta: level.meta, inside },
    }
  })
}

/** The ways of the edges around the blocks, by edge id; edges whose ends are gone have none. */
export type Routes = ReadonlyMap<string, Route>

const edgeId = (source: string, target: string): string => `${source} ${target}`

/** Route every edge of a design; with the routes of `before` where every block lies and every edge leads as it did. */
export function routesOf(design: ModelArchitecture, before?: { design: ModelArchitecture; routes: Routes }): Routes {
  if (before && sameGeometry(before.design, design)) return before.routes
  const placed = new Map(design.components.map((component) => [component.id, component]))
  const lanes: Lane[] = []
  const routes = new Map<string, Route>()
  for (const [source, target] of design.edges) {
    const from = placed.get(source)
    const to = placed.get(target)
    if (from && to) routes.set(edgeId(source, target), routeEdge(from, to, design.components, lanes))
  }
  return routes
}

const sameGeometry = (a: ModelArchitecture, b: ModelArchitecture): boolean =>
  a.edges === b.edges &&
  a.components.length === b.components.length &&
  a.components.every((one, index) => {
    const other = b.components[index]
    return one === other || (one.id === other?.id && one.x === other.x && one.y === other.y)
  })

/** The edges of a design, each with its route; an edge that takes the same route is the same object as before. */
export function patchEdges(
  before: readonly WireEdge[],
  design: ModelArchitecture,
  routes: Routes,
  picked: readonly string[] | null,
): WireEdge[] {
  const known = new Map(before.map((edge) => [edge.id, edge]))
  const placed = new Map(design.components.map((component) => [component.id, component]))
  return design.edges.flatMap(([source, target]) => {
    const id = edgeId(source, target)
    const route = routes.get(id)
    const from = placed.get(source)
    const to = placed.get(target)
    if (!route || !from || !to) return []
    const isPicked = picked?.[0] === source && picked[1] === target
    const old = known.get(id)
    if (old?.data?.route.path === route.path && old.data.picked === isPicked) return [old]
    const [foot, head] = [bottomOf(from), topOf(to)]
    return [
      {
        id,
        source,
        target,
        type: 'wire' as const,
        selectable: false,
        focusable: false,
        ariaLabel: `Connection from ${nameOf(from)} to ${nameOf(to)}`,
        data: { route, ends: [foot.x, foot.y, head.x, head.y], picked: isPicked },
      },
    ]
  })
}
