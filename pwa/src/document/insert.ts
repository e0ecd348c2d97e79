/** Where a new block may go: where the validator says it fits, or else the likeliest way to connect it. */

import type { Component, ModelArchitecture, Placement } from '../generated/wire'
import { blockOf, hasOutput, takesInputs } from './catalogue'
import { type Change, change, makeRoom, rewire } from './commands'
import { type Edit, findComponent, hasEdge } from './edits'
import { ROW_HEIGHT } from './geometry'
import { insideOf, levelOf } from './inside'
import { type Content, placeContent } from './linked'
import { nameIn } from './names'
import { closesCycle, inputsOf, outputsOf, readingOrder } from './order'

export interface NewBlock {
  id: string
  type: string
  props: Component['props']
  /** the container it goes into; null is the top level of the design */
  inside: string | null
  /** its content from the start */
  content?: Content
}

/** Where a person asked for a block: near a component, or on its edge to another. */
export interface InsertAt {
  near: string | null
  target?: string | undefined
}

/** Fallback without Python: insert the block at the most likely place. */
export function insertLikely(design: ModelArchitecture, block: NewBlock, { near: anchor, target }: InsertAt): Change {
  const level = levelOf(design, block.inside)
  const at = anchor && target && hasEdge(design, anchor, target) ? findComponent(design, anchor) : undefined
  if (at && takesInputs(block.type) && hasOutput(block.type)) return along(design, block, at, [target as string])
  const places = anchor ? [anchor, ...likelyAnchors(level, block.type)] : likelyAnchors(level, block.type)
  for (const place of places) {
    const component = findComponent(design, place)
    const [way] = component && insideOf(component) === block.inside ? aroundComponent(design, block, component) : []
    if (way) return way
  }
  return unwired(design, block)
}

/** Add a block with the edges that the validator chose. */
export function insertPlaced(design: ModelArchitecture, block: NewBlock, { source, target, cut, join }: Placement): Change {
  const before = source ? findComponent(design, source) : undefined
  const after = target ? findComponent(design, target) : undefined
  const edges = rewire({ cut, join })
  const chosen = { select: [block.id] }
  if (before && after) {
    return change(
      design,
      [...placing(design, block, before.x, before.y + ROW_HEIGHT), ...edges],
      added(block, 'after', before),
      chosen,
    )
  }
  if (before) return change(design, [...placeBeside(design, block, before), ...edges], added(block, 'fed by', before), chosen)
  if (after) return change(design, [...placing(design, block, after.x, after.y), ...edges], added(block, 'before', after), chosen)
  return unwired(design, block)
}

const added =
  (block: NewBlock, where?: string, at?: Component) =>
  (design: ModelArchitecture): string =>
    `Added ${nameIn(design, block.id)}${at ? `${where === 'fed by' ? ',' : ''} ${where} ${nameIn(design, at.id)}` : ''}`

/** After the last block of the same type, then from the end of the design backwards. */
function likelyAnchors(level: ModelArchitecture, type: string): string[] {
  const order = readingOrder(level).reverse()
  const same = order.filter((component) => component.type === type)
  return [...same.slice(0, 1), ...order.filter((component) => hasOutput(component.type))].map((component) => component.id)
}

function aroundComponent(design: ModelArchitecture, block: NewBlock, at: Component): Change[] {
  const ways: (Change | undefined)[] = []
  if (takesInputs(block.type) && hasOutput(at.type)) {
    if (hasOutput(block.type)) ways.push(after(design, block, at))
    ways.push(hangingOn(design, block, at))
  }
  if (hasOutput(block.type) && takesInputs(at.type)) ways.push(before(design, block, at))
  return ways.filter((way) => way !== undefined)
}

/** On the edges leaving a component: what it fed is fed by the new block; training-only ends keep their edge. */
function after(design: ModelArchitecture, block: NewBlock, at: Component): Change | undefined {
  const followers = outputsOf(design, at.id).filter((target) => {
    const fed = blockOf(findComponent(design, target)?.type ?? '')
    return !(fed?.training_only && !fed.has_output)
  })
  return followers.length === 0 ? undefined : along(design, block, at, followers)
}

/** On the edges from a component to others. */
function along(design: ModelArchitecture, block: NewBlock, at: Component, followers: string[]): Change {
  const y = at.y + ROW_HEIGHT
  const edits = placing(design, block, at.x, y)
  for (const target of followers) {
    const index = design.edges.findIndex(([s, t]) => s === at.id && t === target)
    edits.push({ do: 'disconnect', source: at.id, target }, { do: 'connect', source: block.id, target, at: index })
  }
  edits.push(...joinInputs(design, block, at.id))
  return change(design, edits, added(block, 'after', at), { select: [block.id] })
}

/** On the first edge entering a component. */
function before(design: ModelArchitecture, block: NewBlock, at: Component): Change | undefined {
  const [source] = inputsOf(design, at.id)
  const edits = placing(design, block, at.x, at.y)
  if (source !== undefined && takesInputs(block.type)) {
    const index = design.edges.findIndex(([s, t]) => s === source && t === at.id)
    edits.push({ do: 'disconnect', source, target: at.id }, { do: 'connect', source: block.id, target: at.id, at: index })
    edits.push(...joinInputs(design, block, source))
  } else if (source === undefined) {
    edits.push({ do: 'connect', source: block.id, target: at.id, at: design.edges.length })
  } else return undefined
  return change(design, edits, added(block, 'before', at), { select: [block.id] })
}

/** Fed by a component and feeding nothing: an end, or a branch to go on from. */
function hangingOn(design: ModelArchitecture, block: NewBlock, at: Component): Change {
  const edits: Edit[] = [...placeBeside(design, block, at), ...joinInputs(design, block, at.id)]
  return change(design, edits, added(block, 'fed by', at), { select: [block.id] })
}

/** Below a component, or beside all others where something stands there. */
function placeBeside(design: ModelArchitecture, block: NewBlock, at: Component): Edit[] {
  const { components } = levelOf(design, block.inside)
  const beside = components.some((component) => Math.abs(component.y - at.y - ROW_HEIGHT) < ROW_HEIGHT / 2)
  const x = beside ? Math.max(...components.map((component) => component.x)) + 144 : at.x
  return place(design, block, x, at.y + ROW_HEIGHT)
}

/** At the end of its place, without edges. */
export function unwired(design: ModelArchitecture, block: NewBlock): Change {
  const { components } = levelOf(design, block.inside)
  const y = Math.max(0, ...components.map((component) => component.y + ROW_HEIGHT))
  const x = components[0]?.x ?? 0
  return change(design, place(design, block, x, y), added(block), { select: [block.id] })
}

function placing(design: ModelArchitecture, block: NewBlock, x: number, y: number): Edit[] {
  return [...makeRoom(levelOf(design, block.inside), y), ...place(design, block, x, y)]
}

function place(design: ModelArchitecture, { content, ...block }: NewBlock, x: number, y: number): Edit[] {
  const at = design.components.length
  const own: Edit = { do: 'add', component: { ...block, x, y }, at }
  return content ? [own, ...placeContent(design, content, at + 1)] : [own]
}

/** Join the first source and, where the block needs more inputs, what fed that source and so on upwards. */
function joinInputs(design: ModelArchitecture, block: NewBlock, first: string): Edit[] {
  const needed = Math.max(1, blockOf(block.type)?.min_inputs ?? 1)
  const sources = [first]
  for (let at = 0; sources.length < needed && at < sources.length; at++) {
    for (const above of inputsOf(design, sources[at] as string)) {
      if (sources.length < needed && !sources.includes(above) && !closesCycle(design, above, block.id)) sources.push(above)
    }
  }
  return sources.map((source) => ({ do: 'connect', source, target: block.id, at: design.edges.length + 8 }))
}
