/** What a connection that is being drawn would do where the finger is: the block it leads to, and the hint beside the finger. */

import { createStore } from 'zustand/vanilla'
import { inputInTheWay } from '../document/commands'
import { edgeRefusal } from '../document/edge_rules'
import { boxOf, contains, distanceToBox, type Point } from '../document/geometry'
import { problemText } from '../document/messages'
import { nameIn } from '../document/names'
import type { Target } from '../editor/connection_targets'
import type { Component, ModelArchitecture } from '../generated/wire'

/** How far outside of a block a finger still means it, in px of the screen. */
const REACH_PX = 24

export interface Aim {
  /** the block that the finger means */
  id: string
  text: string
  refused: boolean
}

/** The block under the finger while a connection is dragged; null where there is none. */
export const aimStore = createStore<{ aim: Aim | null }>(() => ({ aim: null }))

/** The block that a finger at a point of the design means, other than where the connection begins. */
export function blockAt(components: readonly Component[], from: string, point: Point, zoom: number): Component | undefined {
  const others = components.filter(({ id }) => id !== from)
  const under = others.find((component) => contains(boxOf(component), point))
  if (under) return under
  const own = components.find(({ id }) => id === from)
  if (own && contains(boxOf(own), point)) return undefined
  const near = others
    .map((component) => ({ component, distance: distanceToBox(point, boxOf(component)) }))
    .filter(({ distance }) => distance <= REACH_PX / zoom)
    .sort((a, b) => a.distance - b.distance)
  return near[0]?.component
}

/** What a connection to a block would do, or why there can be none; `known` holds what Python has answered so far. */
export function aimAt(
  design: ModelArchitecture,
  [source, target]: readonly [string, string],
  id: string,
  known: ReadonlyMap<string, Target>,
): Aim {
  const refusal = edgeRefusal(design, source, target) ?? known.get(target)?.refusal
  if (refusal) return { id, text: problemText(refusal), refused: true }
  const old = inputInTheWay(design, target)
  const text = old === undefined ? `Connect to ${nameIn(design, id)}` : `Replaces the connection from ${nameIn(design, old)}`
  return { id, text, refused: false }
}
