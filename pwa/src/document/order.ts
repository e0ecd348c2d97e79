/** The order in which a design is read: inputs first, top before bottom; it knows no block. */

import type { Component, ModelArchitecture } from '../generated/wire'

const above = (a: Component, b: Component): number => a.y - b.y || a.x - b.x || (a.id < b.id ? -1 : 1)

/** Components in topological order, the higher on the canvas first; those on a cycle come last. */
export function readingOrder(design: ModelArchitecture): Component[] {
  const waiting = new Map(design.components.map((component) => [component.id, 0]))
  for (const [source, target] of design.edges) {
    if (waiting.has(source) && waiting.has(target)) waiting.set(target, (waiting.get(target) ?? 0) + 1)
  }
  const left = [...design.components].sort(above)
  const ordered: Component[] = []
  while (left.length > 0) {
    const ready = left.findIndex((component) => waiting.get(component.id) === 0)
    const [next] = left.splice(Math.max(ready, 0), 1)
    if (!next) break
    ordered.push(next)
    for (const [source, target] of design.edges) {
      if (source === next.id) waiting.set(target, (waiting.get(target) ?? 1) - 1)
    }
  }
  return ordered
}

/** The components feeding `id`, in the order of its inputs. */
export const inputsOf = (design: ModelArchitecture, id: string): string[] =>
  design.edges.filter(([, target]) => target === id).map(([source]) => source)

/** The components that `id` feeds. */
export const outputsOf = (design: ModelArchitecture, id: string): string[] =>
  design.edges.filter(([source]) => source === id).map(([, target]) => target)

/** Everything reached from `id` along the edges, without itself. */
function downstreamOf(design: ModelArchitecture, id: string): Set<string> {
  const found = new Set<string>()
  const open = [id]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const target of outputsOf(design, next)) {
      if (!found.has(target)) {
        found.add(target)
        open.push(target)
      }
    }
  }
  return found
}

/** Whether an edge from source to target would close a cycle. */
export const closesCycle = (design: ModelArchitecture, source: string, target: string): boolean =>
  source === target || downstreamOf(design, target).has(source)
