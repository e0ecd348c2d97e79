/** Commands about containers: group blocks into one, ungroup it, link one to another. */

import type { Component, ModelArchitecture } from '../generated/wire'
import { blockOf, hasOutput, takesInputs } from './catalogue'
import { type Command, change, makeRoom, newComponentId, nothing } from './commands'
import { Draft, type Edit, findComponent, hasEdge } from './edits'
import { BLOCK_HEIGHT } from './geometry'
import { childrenOf, contentOf, copiesOf, definitionOf, holds, insideOf, levelOf } from './inside'
import { copyContent, passOn, placeContent, relink } from './linked'
import { nameIn } from './names'
import { inputsOf, outputsOf, readingOrder } from './order'

/** Whether a block can be grouped: it needs an input and an output to be on a path through a container. */
export const canGroup = ({ type }: Component): boolean => takesInputs(type) && hasOutput(type)

/** Group components of one container into a new one, which replaces them in the edges. */
export const groupInto: Command<{ ids: string[]; type: string; newId: string }> = (design, { ids, type, newId }) => {
  const first = ids.map((id) => findComponent(design, id)).find((component) => component !== undefined)
  if (!first || !blockOf(type)?.container) return nothing(design, 'Nothing to group')
  const inside = insideOf(first)
  const moving = levelOf(design, inside).components.filter(({ id }) => ids.includes(id))
  const top = moving.reduce((a, b) => (b.y < a.y ? b : a))
  const container: Component = { id: newId, type, props: {}, x: top.x, y: top.y, inside }
  const draft = new Draft(design).do({ do: 'add', component: container, at: design.components.length })
  const mine = new Set(moving.map(({ id }) => id))
  for (const [source, target] of design.edges) {
    if (mine.has(source) === mine.has(target)) continue
    replaceEdge(draft, [source, target], [mine.has(source) ? newId : source, mine.has(target) ? newId : target])
  }
  draft.do(...moving.map(({ id }): Edit => ({ do: 'reparent', id, inside: newId })))
  draft.do(...closeUp(draft.design, container, moving))
  const what = moving.length === 1 ? nameIn(design, first.id) : `${moving.length} blocks`
  return change(design, draft.edits, (after) => `Grouped ${what} into ${nameIn(after, newId)}`, { select: [newId] })
}

/** Move what was below the blocks that went up to the container that took their place, unless something stands in between. */
function closeUp(design: ModelArchitecture, container: Component, moved: Component[]): Edit[] {
  const lowest = Math.max(...moved.map(({ y }) => y))
  const beside = levelOf(design, insideOf(container)).components.filter(({ id }) => id !== container.id)
  const between = beside.some(({ y }) => y > container.y - BLOCK_HEIGHT && y < lowest + BLOCK_HEIGHT)
  if (between || lowest === container.y) return []
  return beside.filter(({ y }) => y > lowest).map(({ id, x, y }): Edit => ({ do: 'move', id, x, y: y - (lowest - container.y) }))
}

/** One edge in the place of another, in the same position of the order. */
function replaceEdge(draft: Draft, [a, b]: [string, string], [source, target]: [string, string]): void {
  const at = draft.design.edges.findIndex(([from, to]) => from === a && to === b)
  draft.do({ do: 'disconnect', source: a, target: b })
  if (!hasEdge(draft.design, source, target)) draft.do({ do: 'connect', source, target, at })
}

/** Whether a component has content of its own that can replace it. */
export const canUngroup = (design: ModelArchitecture, component: Component): boolean =>
  holds(component) && !definitionOf(design, component) && childrenOf(design, component.id).length > 0

/** Replace a container by its content. Copies linked to it keep theirs: the first gets a copy of it. */
export const ungroup: Command<{ id: string; letters?: () => string }> = (design, { id, letters }) => {
  const container = findComponent(design, id)
  if (!container || !canUngroup(design, container)) return nothing(design, 'Nothing to ungroup')
  const draft = new Draft(design)
  leaveCopy(draft, id, letters)
  const level = levelOf(draft.design, id)
  const entries = level.components.filter((child) => inputsOf(level, child.id).length === 0 && takesInputs(child.type))
  const exit = readingOrder(level).findLast((child) => outputsOf(level, child.id).length === 0 && hasOutput(child.type))
  for (const source of inputsOf(design, id)) for (const entry of entries) insertEdgeAt(draft, [source, id], [source, entry.id])
  if (exit) for (const target of outputsOf(design, id)) replaceEdge(draft, [id, target], [exit.id, target])
  draft.do(...spread(draft.design, container, level.components))
  draft.do(...level.components.map((child): Edit => ({ do: 'reparent', id: child.id, inside: insideOf(container) })))
  draft.do({ do: 'remove', id })
  const count = level.components.length
  const summary = `Ungrouped ${nameIn(design, id)}: ${count === 1 ? '1 block' : `${count} blocks`}`
  return change(design, draft.edits, summary, { select: level.components.map((child) => child.id) })
}

/** Insert an edge at the position of another edge; the other one disappears later with its component. */
function insertEdgeAt(draft: Draft, [a, b]: [string, string], [source, target]: [string, string]): void {
  const at = draft.design.edges.findIndex(([from, to]) => from === a && to === b)
  if (!hasEdge(draft.design, source, target)) draft.do({ do: 'connect', source, target, at: Math.max(0, at) })
}

function leaveCopy(draft: Draft, id: string, letters: (() => string) | undefined): void {
  const [first, ...others] = copiesOf(draft.design, id)
  if (!first) return
  const content = copyContent(draft.design, id, first.id, freshIn(draft.design, letters))
  draft.do(...placeContent(draft.design, content, draft.design.components.length))
  draft.do(...relink(first, id, null), ...others.flatMap((other) => relink(other, id, first.id)))
}

const freshIn = (design: ModelArchitecture, letters?: () => string) => (taken: Set<string>) =>
  newComponentId(design, letters, taken)

/** Place the children where the container was, and move the components below it down. */
function spread(design: ModelArchitecture, container: Component, children: Component[]): Edit[] {
  const left = Math.min(...children.map(({ x }) => x))
  const top = Math.min(...children.map(({ y }) => y))
  const height = Math.max(...children.map(({ y }) => y)) - top
  const level = levelOf(design, insideOf(container))
  const below = { ...level, components: level.components.filter(({ id }) => id !== container.id) }
  const nextRow = Math.min(...below.components.filter(({ y }) => y > container.y + BLOCK_HEIGHT / 2).map(({ y }) => y))
  const room = height > 0 && Number.isFinite(nextRow) ? makeRoom(below, nextRow, height) : []
  const moves = children.map(({ id, x, y }): Edit => ({ do: 'move', id, x: container.x + x - left, y: container.y + y - top }))
  return [...room, ...moves]
}

/**
 * Link a component to another, whose content it then shares, or give it content of its own again.
 * Content that only it had is removed; content shared with copies stays with them. Unlinked, it starts with a copy.
 */
export const link: Command<{ id: string; field: string; to: string | null; letters?: () => string }> = (design, args) => {
  const { id, field, to, letters } = args
  const component = findComponent(design, id)
  if (!component) return nothing(design, 'That block no longer exists')
  const draft = new Draft(design)
  if (to !== null) {
    passOn(draft, [id])
    for (const child of contentOf(draft.design, id)) draft.do({ do: 'remove', id: child.id })
    draft.do({ do: 'set', id, field, value: to })
    return change(design, draft.edits, `${nameIn(design, id)} shares the content of ${nameIn(design, to)}`)
  }
  const definition = definitionOf(design, component)
  if (definition && childrenOf(design, id).length === 0) {
    const content = copyContent(design, definition.id, id, freshIn(design, letters))
    draft.do(...placeContent(design, content, design.components.length))
  }
  const named = component.props[field]
  if (typeof named === 'string') draft.do(...relink(component, named, null))
  return change(design, draft.edits, `${nameIn(design, id)} has its own copy now`)
}

/** How many blocks a container shows on its face: those in it, or in what it is linked to. */
export const countInside = (design: ModelArchitecture, component: Component): number =>
  childrenOf(design, (definitionOf(design, component) ?? component).id).length
