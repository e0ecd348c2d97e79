/** Commands: pure functions from a design to the next one and the edits that undo the change. */

import type { Component, Defaults, Fix, Join, ModelArchitecture } from '../generated/wire'
import { blockOf, hasOutput, takesInputs } from './catalogue'
import { edgeRefusal } from './edge_rules'
import { applyEdits, Draft, type Edit, findComponent, hasEdge } from './edits'
import { ROW_HEIGHT } from './geometry'
import { contentOf, insideOf, levelOf } from './inside'
import { passOn } from './linked'
import { problemText } from './messages'
import { nameIn } from './names'
import { inputsOf, readingOrder } from './order'
import { isInherited } from './values'

export interface Change {
  design: ModelArchitecture
  /** undoes the change when applied in order; empty when nothing changed */
  inverse: Edit[]
  /** what was done, for the live region and the undo log */
  summary: string
  /** changes in a row with the same key are one undo step */
  merge?: string
  /** components to select afterwards */
  select?: string[]
}

export type Command<Args> = (design: ModelArchitecture, args: Args) => Change

/** A change by edits; its summary may depend on the design that it leads to. */
export function change(
  design: ModelArchitecture,
  edits: Edit[],
  summary: string | ((after: ModelArchitecture) => string),
  more: Partial<Change> = {},
): Change {
  const done = applyEdits(design, edits)
  return { ...done, summary: typeof summary === 'string' ? summary : summary(done.design), ...more }
}

export const nothing = (design: ModelArchitecture, summary: string): Change => ({ design, inverse: [], summary })

/**
 * The least number free in this design and some letters, so that two phones adding offline do not choose the same id: the merge
 * would take their blocks for one.
 */
export function newComponentId(
  design: ModelArchitecture,
  letters: () => string = randomLetters,
  taken = new Set(design.components.map((component) => component.id)),
): string {
  let number = 1
  for (const id of taken) {
    const found = /^c(\d{1,6})/.exec(id)
    if (found) number = Math.max(number, Number(found[1]) + 1)
  }
  let id = `c${number}${letters()}`
  while (taken.has(id)) id = `c${number}${letters()}`
  return id
}

const LETTERS = 'abcdefghjkmnpqrstuvwxyz'

/** Six letters, one of 148 million sequences; two would be the same for one in 529 pairs of blocks. */
function randomLetters(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(6)), (byte) => LETTERS[byte % LETTERS.length]).join('')
}

export interface Place {
  id: string
  x: number
  y: number
}

export const moveComponents: Command<{ places: Place[]; merge?: string }> = (design, { places, merge }) =>
  change(
    design,
    places.map(({ id, x, y }) => ({ do: 'move', id, x, y })),
    places.length === 1 && places[0] ? `Moved ${nameIn(design, places[0].id)}` : `Moved ${places.length} blocks`,
    merge ? { merge } : {},
  )

/** The input that has to go before a component can take another one; undefined while it has room. */
export function inputInTheWay(design: ModelArchitecture, target: string): string | undefined {
  const most = blockOf(findComponent(design, target)?.type ?? '')?.max_inputs
  const inputs = inputsOf(design, target)
  return typeof most === 'number' && most > 0 && inputs.length >= most ? inputs.at(-1) : undefined
}

/** Draw an edge; where the target is full, it takes the place of the last one. */
export const connect: Command<{ source: string; target: string }> = (design, { source, target }) => {
  const refusal = edgeRefusal(design, source, target)
  if (refusal) return nothing(design, problemText(refusal))
  const old = inputInTheWay(design, target)
  const at = design.edges.findIndex(([from, to]) => from === old && to === target)
  const edits: Edit[] = old === undefined ? [] : [{ do: 'disconnect', source: old, target }]
  edits.push({ do: 'connect', source, target, at: at < 0 ? design.edges.length : at })
  const instead = old === undefined ? '' : ` in place of ${nameIn(design, old)}`
  return change(design, edits, `Connected ${nameIn(design, source)} to ${nameIn(design, target)}${instead}`)
}

export const disconnect: Command<{ source: string; target: string }> = (design, { source, target }) =>
  change(design, [{ do: 'disconnect', source, target }], `Disconnected ${nameIn(design, source)} from ${nameIn(design, target)}`)

/** Give a property a value; undefined leaves it to the defaults. */
export const setProperty: Command<{ id: string; field: string; value: unknown }> = (design, { id, field, value }) =>
  change(design, [{ do: 'set', id, field, value }], `${field} of ${nameIn(design, id)} is ${value ?? 'the default'}`, {
    merge: `set:${id}:${field}`,
  })

/**
 * Remove components with their content; a single source of one is connected to the components it fed.
 * Content that linked copies share is kept: the first of them takes it over.
 */
export const removeComponents: Command<{ ids: string[] }> = (design, { ids }) => {
  const gone = ids.filter((id) => findComponent(design, id))
  const draft = new Draft(design)
  const kept = passOn(draft, gone)
  for (const id of gone) {
    if (!findComponent(draft.design, id)) continue
    draft.do(...healAround(draft.design, id))
    for (const child of contentOf(draft.design, id)) draft.do({ do: 'remove', id: child.id })
    draft.do({ do: 'remove', id })
  }
  const inner = design.components.length - draft.design.components.length - gone.length
  const summary = gone.length === 1 && gone[0] ? `Deleted ${nameIn(design, gone[0])}` : `Deleted ${gone.length} blocks`
  const more = inner > 0 ? ` and ${inner} inside` : kept ? `; ${nameIn(design, kept)} keeps the content` : ''
  return change(design, draft.edits, summary + more, { select: [] })
}

/** With one source, every target takes it in the place of the removed component. */
function healAround(design: ModelArchitecture, id: string): Edit[] {
  const sources = design.edges.filter(([, target]) => target === id).map(([source]) => source)
  const source = sources.length === 1 ? sources[0] : undefined
  if (!source) return []
  const edits: Edit[] = []
  let current = design
  for (const [from, target] of design.edges) {
    if (from !== id || hasEdge(current, source, target)) continue
    const at = current.edges.findIndex(([a, b]) => a === id && b === target)
    const edit: Edit[] = [
      { do: 'disconnect', source: id, target },
      { do: 'connect', source, target, at },
    ]
    current = applyEdits(current, edit).design
    edits.push(...edit)
  }
  return edits
}

export const rename: Command<{ name: string }> = (design, { name }) =>
  change(design, [{ do: 'name', name }], `Renamed to ${name}`, { merge: 'name' })

/** The longest name of a block, in characters (`ComponentName` in `shared_py/design.py`). */
export const MAX_BLOCK_NAME = 60

/** Call a block by a name of its own; a blank one leaves it to the title of its block. */
export const nameBlock: Command<{ id: string; name: string }> = (design, { id, name }) => {
  const given = [...name.trim().replace(/\s+/g, ' ')].slice(0, MAX_BLOCK_NAME).join('').trim()
  const before = nameIn(design, id)
  return change(
    design,
    [{ do: 'name_block', id, name: given || undefined }],
    (after) => `${before} is now called ${nameIn(after, id)}`,
    { merge: `name:${id}` },
  )
}

export const setMeta: Command<{ field: keyof Defaults; value: number }> = (design, { field, value }) =>
  change(design, [{ do: 'meta', field, value }], `${field} of the design is ${value}`, { merge: `meta:${field}` })

/** The neighbour in reading order that a component would change places with, where both could stand there. */
export function reorderPartner(design: ModelArchitecture, id: string, by: -1 | 1): string | undefined {
  const component = findComponent(design, id)
  const order = component ? readingOrder(levelOf(design, insideOf(component))) : []
  const at = order.findIndex((component) => component.id === id)
  const own = order[at]
  const partner = order[at + by]
  return own && partner && mayChangePlaces(own, partner) ? partner.id : undefined
}

/** Whether each could stand where the other stands: both or neither take inputs, both or neither have an output. */
export const mayChangePlaces = (one: Component, other: Component): boolean =>
  takesInputs(one.type) === takesInputs(other.type) && hasOutput(one.type) === hasOutput(other.type)

/** Move a component up or down the chain: it changes places, and edges, with its neighbour. */
export const reorder: Command<{ id: string; by: -1 | 1 }> = (design, { id, by }) => {
  const partner = reorderPartner(design, id, by)
  if (!partner) return nothing(design, `${nameIn(design, id)} cannot go further ${by < 0 ? 'up' : 'down'}`)
  const summary = `Moved ${nameIn(design, id)} ${by < 0 ? 'above' : 'below'} ${nameIn(design, partner)}`
  return change(design, [{ do: 'swap', one: id, other: partner }], summary, { select: [id] })
}

/** Change the order of a component's inputs by moving one of them. */
export const reorderInput: Command<{ target: string; source: string; by: -1 | 1 }> = (design, { target, source, by }) => {
  const own = design.edges.findIndex(([from, to]) => from === source && to === target)
  const others = design.edges.flatMap(([, to], index) => (to === target ? [index] : []))
  const at = others[others.indexOf(own) + by]
  if (own < 0 || at === undefined) return nothing(design, 'It cannot go further')
  return change(
    design,
    [
      { do: 'disconnect', source, target },
      { do: 'connect', source, target, at },
    ],
    `${nameIn(design, source)} is now an ${by < 0 ? 'earlier' : 'later'} input of ${nameIn(design, target)}`,
  )
}

/** Apply the fix of a problem. */
export const applyFix: Command<{ fix: Fix; newId: string }> = (design, { fix, newId }) => {
  switch (fix.action) {
    case 'set_property':
      return setByFix(design, fix)
    case 'set_default':
      return setMeta(design, { field: fix.field as keyof Defaults, value: fix.value as number })
    case 'move_component':
      return moveBetween(design, fix)
    case 'remove_edge':
      return disconnect(design, fix)
    case 'remove_component':
      return removeComponents(design, { ids: [fix.component_id] })
    case 'replace_block':
      return replaceBlock(design, fix)
    case 'add_edge':
      return connect(design, fix)
    case 'add_component':
      return addBetween(design, fix, newId)
  }
}

/** Another block in the place of one, with its id and its edges in their order. */
function replaceBlock(
  design: ModelArchitecture,
  { component_id: id, type, props }: Extract<Fix, { action: 'replace_block' }>,
): Change {
  const at = design.components.findIndex((component) => component.id === id)
  const component = design.components[at]
  if (!component) return nothing(design, 'That block no longer exists')
  const edits: Edit[] = [
    { do: 'remove', id },
    { do: 'add', component: { ...component, type, props: props ?? {} }, at },
  ]
  for (const [index, [source, target]] of design.edges.entries()) {
    if (source === id || target === id) edits.push({ do: 'connect', source, target, at: index })
  }
  return change(design, edits, (after) => `It is ${nameIn(after, id)} now`, { select: [id] })
}

/** A value that the component would have anyway is inherited rather than given, so that it follows the design. */
function setByFix(
  design: ModelArchitecture,
  { component_id: id, field, value }: Extract<Fix, { action: 'set_property' }>,
): Change {
  const component = findComponent(design, id)
  const inherited = component !== undefined && isInherited(component, field, value, design.meta)
  const done = setProperty(design, { id, field, value: inherited ? undefined : value })
  return { ...done, summary: `${field} of ${nameIn(design, id)} is ${value ?? 'the default'}`, select: [id] }
}

function addBetween(design: ModelArchitecture, fix: Extract<Fix, { action: 'add_component' }>, newId: string): Change {
  const before = fix.source ? findComponent(design, fix.source) : undefined
  const after = fix.target ? findComponent(design, fix.target) : undefined
  const beside = before ?? after
  const inside = beside ? insideOf(beside) : null
  const level = levelOf(design, inside)
  const lowest = Math.max(0, ...level.components.map((component) => component.y + ROW_HEIGHT))
  const x = beside?.x ?? 0
  const y = before ? before.y + ROW_HEIGHT : after ? after.y : lowest
  const edits: Edit[] = beside ? makeRoom(level, y) : []
  edits.push({
    do: 'add',
    component: { id: newId, type: fix.type, props: fix.props ?? {}, x, y, inside },
    at: design.components.length,
  })
  const replaced = before && after ? design.edges.findIndex(([s, t]) => s === before.id && t === after.id) : -1
  if (before && after && replaced >= 0) edits.push({ do: 'disconnect', source: before.id, target: after.id })
  if (after) edits.push({ do: 'connect', source: newId, target: after.id, at: replaced >= 0 ? replaced : design.edges.length })
  if (before) edits.push({ do: 'connect', source: before.id, target: newId, at: design.edges.length + 1 })
  return change(design, edits, (after) => `Added ${nameIn(after, newId)}`, { select: [newId] })
}

/** Connect a component elsewhere, and move it there on the canvas. */
function moveBetween(design: ModelArchitecture, fix: Extract<Fix, { action: 'move_component' }>): Change {
  const component = findComponent(design, fix.component_id)
  if (!component) return nothing(design, 'That block no longer exists')
  const level = levelOf(design, insideOf(component))
  const others = { ...level, components: level.components.filter(({ id }) => id !== component.id) }
  const before = fix.source ? findComponent(design, fix.source) : undefined
  const after = fix.target ? findComponent(design, fix.target) : undefined
  const y = before ? before.y + ROW_HEIGHT : (after?.y ?? component.y)
  const x = (before ?? after ?? component).x
  const edits: Edit[] = [...makeRoom(others, y), { do: 'move', id: component.id, x, y }, ...rewire(fix)]
  const where = before ? ` after ${nameIn(design, before.id)}` : after ? ` before ${nameIn(design, after.id)}` : ''
  return change(design, edits, `Moved ${nameIn(design, component.id)}${where}`, { select: [component.id] })
}

/** The edits that remove edges and then add others, each at its position. */
export const rewire = ({ cut = [], join = [] }: { cut?: [string, string][]; join?: Join[] }): Edit[] => [
  ...cut.map(([source, target]): Edit => ({ do: 'disconnect', source, target })),
  ...join.map(({ source, target, at }): Edit => ({ do: 'connect', source, target, at })),
]

/** Move everything from a height downwards by one row, or by more; `level` holds the components of one container. */
export function makeRoom(level: ModelArchitecture, y: number, by = ROW_HEIGHT): Edit[] {
  const taken = level.components.some((component) => Math.abs(component.y - y) < ROW_HEIGHT)
  if (!taken) return []
  return level.components
    .filter((component) => component.y > y - ROW_HEIGHT / 2)
    .map((component) => ({ do: 'move', id: component.id, x: component.x, y: component.y + by }))
}
