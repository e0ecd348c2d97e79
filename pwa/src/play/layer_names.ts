/** Names of layers that can be looked into, by their paths in the network. */

import { nameOf } from '../document/catalogue'
import { findComponent } from '../document/edits'
import type { ModelArchitecture } from '../generated/wire'

/**
 * The name of a layer: that of its component, and which of the repetitions it is in. A path such as `c3.0.c5` is component c5 in
 * the first repetition of container c3; of a component that the drawing no longer has, the path itself.
 */
export function layerName(design: ModelArchitecture | null, path: string): string {
  const parts = path.split('.')
  const component = design && findComponent(design, parts.at(-1) ?? '')
  if (!component) return path
  const passes = parts.filter((part) => /^\d+$/.test(part)).map((part) => Number(part) + 1)
  return passes.length === 0 ? nameOf(component) : `${nameOf(component)}, pass ${passes.join('.')}`
}

/** The id of the component of a layer. */
export const componentOf = (path: string): string => path.split('.').at(-1) ?? path
