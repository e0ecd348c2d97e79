/** Where a new block may go: ways to wire it in, the likeliest first; whether one is right is for the validator to say. */

import type { Component, ModelArchitecture } from '../generated/wire'
import { blockOf, hasOutput, nameOf, takesInputs } from './catalogue'
import { type Change, change, makeRoom, ROW_HEIGHT } from './commands'
import { insideOf, levelOf } from './inside'
import { type Content, placeContent } from './linked'
import { closesCycle, inputsOf, outputsOf, readingOrder } from './order'
import { findComponent, type Step } from './steps'

const MOST_CANDIDATES = 12

export interface NewBlock {
  id: string
  type: string
  props: Component['props']
  /** the container it goes into; null is the drawing itself */
  inside: string | null
  /** what lies in it from the start */
  content?: Content
}

/** Ways to add a block of this type, near `anchor` where one is named; never empty, and the last one leaves it unwired. */
export function insertCandidates(design: ModelArchitecture, block: NewBlock, anchor: string | null): Change[] {
  const level = levelOf(design, block.inside)
  const places = anchor ? [anchor, ...likelyAnchors(level, block.type)] : likelyAnchors(level, block.type)
  const found: Change[] = []
  for (const place of new Set(places)) {
    const component = findComponent(design, place)
    if (component && insideOf(component) === block.inside) found.push(...aroundComponent(design, block, component))
  }
  return [...found.slice(0, MOST_CANDIDATES), alone(design, block)]
}

/** After the last block of the same type, then from the end of the drawing backwards. */
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

/** On the wires leaving a component: what it fed is fed by the new block; training-only ends keep their wire. */
function after(design: ModelArchitecture, block: NewBlock, at: Component): Change | undefined {
  const followers = outputsOf(design, at.id).filter((target) => {
    const fed = blockOf(findComponent(design, target)?.type ?? '')
    return !(fed?.training_only && !fed.has_output)
  })
  if (followers.length === 0) return undefined
  const y = at.y + ROW_HEIGHT
  const steps = placing(design, block, at.x, y)
  for (const target of followers) {
    const index = design.edges.findIndex(([s, t]) => s === at.id && t === target)
    steps.push({ do: 'part', source: at.id, target }, { do: 'join', source: block.id, target, at: index })
  }
  steps.push(...joinInputs(design, block, at.id))
  return change(design, steps, `Added ${nameOf(block)} after ${nameOf(at)}`, { select: [block.id] })
}

/** On the first wire entering a component. */
function before(design: ModelArchitecture, block: NewBlock, at: Component): Change | undefined {
  const [source] = inputsOf(design, at.id)
  const steps = placing(design, block, at.x, at.y)
  if (source !== undefined && takesInputs(block.type)) {
    const index = design.edges.findIndex(([s, t]) => s === source && t === at.id)
    steps.push({ do: 'part', source, target: at.id }, { do: 'join', source: block.id, target: at.id, at: index })
    steps.push(...joinInputs(design, block, source))
  } else if (source === undefined) {
    steps.push({ do: 'join', source: block.id, target: at.id, at: design.edges.length })
  } else return undefined
  return change(design, steps, `Added ${nameOf(block)} before ${nameOf(at)}`, { select: [block.id] })
}

/** Fed by a component and feeding nothing: an end, or a branch to go on from. */
function hangingOn(design: ModelArchitecture, block: NewBlock, at: Component): Change {
  const { components } = levelOf(design, block.inside)
  const beside = components.some((component) => Math.abs(component.y - at.y - ROW_HEIGHT) < ROW_HEIGHT / 2)
  const x = beside ? Math.max(...components.map((component) => component.x)) + 144 : at.x
  const steps: Step[] = [...place(design, block, x, at.y + ROW_HEIGHT), ...joinInputs(design, block, at.id)]
  return change(design, steps, `Added ${nameOf(block)}, fed by ${nameOf(at)}`, { select: [block.id] })
}

function alone(design: ModelArchitecture, block: NewBlock): Change {
  const { components } = levelOf(design, block.inside)
  const y = Math.max(0, ...components.map((component) => component.y + ROW_HEIGHT))
  const x = components[0]?.x ?? 0
  return change(design, place(design, block, x, y), `Added ${nameOf(block)}`, { select: [block.id] })
}

function placing(design: ModelArchitecture, block: NewBlock, x: number, y: number): Step[] {
  return [...makeRoom(levelOf(design, block.inside), y), ...place(design, block, x, y)]
}

function place(design: ModelArchitecture, { content, ...block }: NewBlock, x: number, y: number): Step[] {
  const at = design.components.length
  const own: Step = { do: 'place', component: { ...block, x, y }, at }
  return content ? [own, ...placeContent(design, content, at + 1)] : [own]
}

/** Join the first source and, where the block needs more inputs, what fed that source and so on upwards. */
function joinInputs(design: ModelArchitecture, block: NewBlock, first: string): Step[] {
  const needed = Math.max(1, blockOf(block.type)?.min_inputs ?? 1)
  const sources = [first]
  for (let at = 0; sources.length < needed && at < sources.length; at++) {
    for (const above of inputsOf(design, sources[at] as string)) {
      if (sources.length < needed && !sources.includes(above) && !closesCycle(design, above, block.id)) sources.push(above)
    }
  }
  return sources.map((source) => ({ do: 'join', source, target: block.id, at: design.edges.length + 8 }))
}
