/** Designs for tests, made from the catalogue and the templates so that no test names a block. */

import type { Component, ModelArchitecture } from '../generated/wire'
import { blockKinds } from './catalogue'
import { type Change, change, type Place } from './commands'
import { templates } from './templates'

/** A template with layers of many properties and a routing. */
export function sampleDesign(): ModelArchitecture {
  const found = templates.find((template) => template.id === 'cell_experts')
  if (!found) throw new Error('there is no such template')
  return structuredClone(found)
}

/** A block that takes one input and has an output, with whole-number properties. */
export const passingBlock = (): string => {
  const found = blockKinds.find(
    (block) =>
      block.max_inputs === 1 && block.has_output && !block.training_only && block.properties.some((form) => form.divides),
  )
  if (!found) throw new Error('the catalogue has no such block')
  return found.type
}

/** A small generator of repeatable random numbers (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

type NewHere = Pick<Component, 'type'> & Partial<Pick<Component, 'inside'>>

/** A design with one more component, selected and connected to nothing. */
export const placed = (design: ModelArchitecture, { type, inside = null, ...place }: Place & NewHere): Change => {
  const component: Component = { type, props: {}, inside, ...place }
  return change(design, [{ do: 'add', component, at: design.components.length }], 'Placed', { select: [place.id] })
}

/** A block that contains others. */
export const containerType = (): string => {
  const found = blockKinds.find(({ container }) => container)
  if (!found) throw new Error('the catalogue has no such block')
  return found.type
}
