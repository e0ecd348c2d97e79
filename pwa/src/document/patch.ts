/**
 * What one edit changed, by ids and properties: it can be reverted in a document that others have changed since.
 *
 * A patch is plain JSON, so it can be stored. It knows no block.
 */

import type { Component, Defaults, ModelArchitecture } from '../generated/wire'
import { blockOf } from './catalogue'
import { chooseSide } from './conflict_choice'
import { Draft, findComponent } from './edits'
import { canLieIn, contentOf, copiesOf, insideOf } from './inside'
import { closesCycle, inputsOf } from './order'
import { componentAt, type Place, placeOf, valueAt } from './places'
import { sameValue } from './values'

export interface Patch {
  /** single values, by JSON pointer */
  values: { path: string; before?: unknown; after?: unknown }[]
  /** components that were added, as the edit left them */
  added: Component[]
  /** components that were removed, and their position in the list */
  removed: { component: Component; at: number }[]
  joined: [string, string][]
  /** edges that were removed, and their position in the list */
  cut: { source: string; target: string; at: number }[]
  /** for each component whose inputs changed: their sources in order */
  inputs: { target: string; before: string[]; after: string[] }[]
}

/** A part of a patch that someone else has changed since: reverting it would take back that change. */
export interface Contested {
  path: string
  /** what a revert sets; undefined where it removes the component */
  before: unknown
  /** what the edit had left */
  after: unknown
  /** what it is in the document */
  now: unknown
}

const byId = ({ components }: ModelArchitecture): Map<string, Component> =>
  new Map(components.map((component) => [component.id, component]))

/** What leads from one version of a design to the next. */
export function patchBetween(before: ModelArchitecture, after: ModelArchitecture): Patch {
  const [old, now] = [byId(before), byId(after)]
  const values = [...designValues(before, after)]
  for (const component of after.components) {
    const was = old.get(component.id)
    if (was && was !== component) values.push(...componentValues(was, component))
  }
  return {
    values,
    added: after.components.filter(({ id }) => !old.has(id)),
    removed: before.components.flatMap((component, at) => (now.has(component.id) ? [] : [{ component, at }])),
    ...(before.edges === after.edges ? { joined: [], cut: [], inputs: [] } : edgesBetween(before, after)),
  }
}

function* designValues(before: ModelArchitecture, after: ModelArchitecture): Generator<Patch['values'][number]> {
  if (before.name !== after.name) yield { path: '/name', before: before.name, after: after.name }
  if (before.meta === after.meta) return
  for (const field of Object.keys(after.meta) as (keyof Defaults)[]) {
    if (before.meta[field] !== after.meta[field])
      yield { path: `/meta/${field}`, before: before.meta[field], after: after.meta[field] }
  }
}

function* componentValues(before: Component, after: Component): Generator<Patch['values'][number]> {
  const path = `/components/${after.id}`
  for (const field of ['type', 'x', 'y', 'inside', 'name'] as const) {
    const [old, now] = [before[field] ?? null, after[field] ?? null]
    if (old !== now) yield { path: `${path}/${field}`, before: old, after: now }
  }
  if (before.props === after.props) return
  for (const field of new Set([...Object.keys(before.props), ...Object.keys(after.props)])) {
    const [old, now] = [before.props[field], after.props[field]]
    if (!sameValue(old, now)) yield { path: `${path}/props/${field}`, before: old, after: now }
  }
}

const keyOf = ([source, target]: readonly [string, string]): string => `${source} ${target}`

function edgesBetween(before: ModelArchitecture, after: ModelArchitecture): Pick<Patch, 'joined' | 'cut' | 'inputs'> {
  const [old, now] = [new Set(before.edges.map(keyOf)), new Set(after.edges.map(keyOf))]
  const targets = new Set([...before.edges, ...after.edges].map(([, target]) => target))
  return {
    joined: after.edges.filter((edge) => !old.has(keyOf(edge))),
    cut: before.edges.flatMap((edge, at) => (now.has(keyOf(edge)) ? [] : [{ source: edge[0], target: edge[1], at }])),
    inputs: [...targets].flatMap((target) => {
      const [was, is] = [inputsOf(before, target), inputsOf(after, target)]
      return sameValue(was, is) ? [] : [{ target, before: was, after: is }]
    }),
  }
}

/** Whether a patch changes single values only, so that two of the same values can be joined. */
export const isOfValues = (patch: Patch): boolean =>
  patch.added.length + patch.removed.length + patch.joined.length + patch.cut.length + patch.inputs.length === 0

/** One patch for two in a row; undefined where they are not of the same values, or somebody changed one in between. */
export function joinPatches(first: Patch, second: Patch): Patch | undefined {
  if (!isOfValues(first) || !isOfValues(second)) return undefined
  const values = new Map(first.values.map((value) => [value.path, value]))
  for (const { path, before, after } of second.values) {
    const earlier = values.get(path)
    if (earlier && !sameValue(earlier.after, before)) return undefined
    values.set(path, { path, before: earlier ? earlier.before : before, after })
  }
  return { ...first, values: [...values.values()] }
}

/** The same patch without some values, which then stay as they are. */
export const withoutPaths = (patch: Patch, paths: ReadonlySet<string>): Patch => ({
  ...patch,
  values: patch.values.filter(({ path }) => !paths.has(path)),
})

/** The parts that someone changed since; a position on the canvas is none, it just stays. */
export function contestedParts(design: ModelArchitecture, patch: Patch): Contested[] {
  const contested: Contested[] = []
  for (const { path, before, after } of patch.values) {
    if (stateOf(design, path, before, after) === 'changed')
      contested.push({ path, before, after, now: valueAt(design, placeOf(path) as Place) })
  }
  for (const component of patch.added) {
    const now = findComponent(design, component.id)
    if (now && !isAsLeft(design, now, component, patch))
      contested.push({ path: `/components/${component.id}`, before: undefined, after: component, now })
  }
  for (const { target, before, after } of patch.inputs) {
    const now = inputsOf(design, target)
    if (orderOf(now, before, after) === 'changed') contested.push({ path: `/edges/${target}`, before, after, now })
  }
  return contested.length > 0 ? contested : newlyConnected(design, patch)
}

/** Moves between containers that would cut an edge which somebody drew since. */
function newlyConnected(design: ModelArchitecture, patch: Patch): Contested[] {
  const moves = patch.values.filter(({ path }) => path.endsWith('/inside'))
  if (moves.length === 0) return []
  const crossing = crossingEdges(revertPatch(design, patch), design)
  return moves.flatMap(({ path, before, after }) => {
    const id = componentAt(placeOf(path))
    return crossing.some((edge) => id !== undefined && edge.includes(id)) ? [{ path, before, after, now: after }] : []
  })
}

/** The edges between components of different containers that are in both designs, but cross no border in `before`. */
function crossingEdges(design: ModelArchitecture, before: ModelArchitecture): [string, string][] {
  const crosses = (one: ModelArchitecture): Set<string> => {
    const inside = new Map(one.components.map((component) => [component.id, insideOf(component)]))
    return new Set(one.edges.filter(([source, target]) => inside.get(source) !== inside.get(target)).map(keyOf))
  }
  const [now, old] = [crosses(design), crosses(before)]
  return design.edges.filter((edge) => now.has(keyOf(edge)) && !old.has(keyOf(edge)))
}

const isPosition = (path: string): boolean => /^\/components\/[^/]+\/[xy]$/.test(path)

/** `left`: as the edit left it; `reverted`: as before it, or gone; `changed`: somebody gave it another value. */
function stateOf(design: ModelArchitecture, path: string, before: unknown, after: unknown): 'left' | 'reverted' | 'changed' {
  const place = placeOf(path)
  if (!place || ('id' in place && !findComponent(design, place.id))) return 'reverted'
  const now = valueAt(design, place)
  if (sameValue(now, after)) return 'left'
  return sameValue(now, before) || isPosition(path) ? 'reverted' : 'changed'
}

/** Whether nobody changed a component that the patch added, put something into it, or connected or linked something to it. */
function isAsLeft(design: ModelArchitecture, now: Component, left: Component, patch: Patch): boolean {
  const added = new Set(patch.added.map(({ id }) => id))
  const moved = new Set(patch.values.flatMap(({ path, after }) => (after === left.id ? [path] : [])))
  const joined = new Set(patch.joined.map(keyOf))
  return (
    sameValue(contentIn(now), contentIn(left)) &&
    design.components.every(({ id, inside }) => inside !== left.id || added.has(id) || moved.has(`/components/${id}/inside`)) &&
    design.edges.every((edge) => !edge.includes(left.id) || joined.has(keyOf(edge))) &&
    copiesOf(design, left.id).every(({ id }) => added.has(id) || copyIsOurs(id, patch, left.id))
  )
}

/** What a component is, whatever its place on the canvas. */
const contentIn = (component: Component): unknown[] => [
  component.type,
  sorted(component.props),
  insideOf(component),
  component.name ?? null,
]

const copyIsOurs = (id: string, patch: Patch, of: string): boolean =>
  patch.values.some(({ path, after }) => after === of && path.startsWith(`/components/${id}/props/`))

const sorted = (props: Component['props']): [string, unknown][] => Object.entries(props).sort(([a], [b]) => (a < b ? -1 : 1))

/** How the order of the inputs that a component had before and after stands now; `same` where the edit left it alone. */
function orderOf(now: string[], before: string[], after: string[]): 'same' | 'left' | 'reverted' | 'changed' {
  const common = now.filter((source) => before.includes(source) && after.includes(source))
  const among = (list: string[]) => list.filter((source) => common.includes(source))
  if (sameValue(among(before), among(after))) return 'same'
  if (sameValue(common, among(after))) return 'left'
  return sameValue(common, among(before)) ? 'reverted' : 'changed'
}

/**
 * Take back a patch in the present document. Values that others changed stay, unless `force`; what no longer fits is left out:
 * values of components that have gone, edges whose ends have gone, that would close a cycle or have no room.
 * The components it removes go with their content.
 */
export function revertPatch(design: ModelArchitecture, patch: Patch, { force = false } = {}): ModelArchitecture {
  const draft = new Draft(design)
  const own = new Set(patch.added.map(({ id }) => id))
  restoreComponents(draft, patch)
  for (const { path, before, after } of patch.values) {
    const state = stateOf(draft.design, path, before, after)
    if (state === 'left' || (force && state === 'changed')) setValue(draft, path, before)
  }
  for (const [source, target] of patch.joined) draft.do({ do: 'disconnect', source, target })
  for (const id of own) {
    for (const inner of contentOf(draft.design, id)) draft.do({ do: 'remove', id: inner.id })
    draft.do({ do: 'remove', id })
  }
  restoreEdges(draft, patch, force)
  if (force) for (const [source, target] of crossingEdges(draft.design, design)) draft.do({ do: 'disconnect', source, target })
  return draft.design
}

function setValue(draft: Draft, path: string, value: unknown): void {
  const conflict = { path, mine: value ?? null, theirs: null }
  draft.design = chooseSide(draft.design, { conflict, choice: 'mine' }).design
}

/** Put removed components back; one whose container has gone comes to the top level. */
function restoreComponents(draft: Draft, { removed }: Patch): void {
  for (const { component, at } of removed) draft.do({ do: 'add', component, at })
  for (const { component } of removed) {
    const inside = insideOf(component)
    if (inside !== null && !canLieIn(draft.design, component.id, inside))
      draft.do({ do: 'reparent', id: component.id, inside: null })
  }
}

function restoreEdges(draft: Draft, { cut, inputs }: Patch, force: boolean): void {
  const lists = new Map(inputs.map((one) => [one.target, one]))
  for (const { source, target, at } of cut) {
    if (fits(draft.design, source, target, lists.get(target)?.before ?? [])) draft.do({ do: 'connect', source, target, at })
  }
  for (const list of inputs) order(draft, list, force)
}

/** Whether an edge can come back. Too many inputs are none of its business where all were there before. */
function fits(design: ModelArchitecture, source: string, target: string, before: string[]): boolean {
  const [from, to] = [findComponent(design, source), findComponent(design, target)]
  if (!from || !to || insideOf(from) !== insideOf(to) || closesCycle(design, source, target)) return false
  const now = inputsOf(design, target)
  const most = blockOf(to.type)?.max_inputs ?? 0
  return now.length < most || now.every((other) => before.includes(other)) || !(most > 0)
}

/** Give the inputs of a component the order they had; inputs that others added come behind them. */
function order(draft: Draft, { target, before, after }: Patch['inputs'][number], force: boolean): void {
  const now = inputsOf(draft.design, target)
  const state = orderOf(now, before, after)
  const keeps = state === 'reverted' || (state === 'changed' && !force)
  const restored = keeps || state === 'same' ? now.filter((source) => before.includes(source) && !after.includes(source)) : now
  const wanted = now.filter((source) => !restored.includes(source) || !before.includes(source))
  for (const source of before.filter((one) => restored.includes(one))) {
    const known = before.slice(0, before.indexOf(source)).findLast((one) => wanted.includes(one))
    wanted.splice(known === undefined ? 0 : wanted.indexOf(known) + 1, 0, source)
  }
  if (sameValue(now, wanted)) return
  const places = draft.design.edges.flatMap(([, to], at) => (to === target ? [at] : []))
  for (const source of now) draft.do({ do: 'disconnect', source, target })
  for (const [index, source] of wanted.entries()) draft.do({ do: 'connect', source, target, at: places[index] ?? 0 })
}

export const changesNothing = (patch: Patch): boolean => isOfValues(patch) && patch.values.length === 0
