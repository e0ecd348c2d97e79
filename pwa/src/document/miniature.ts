/** A miniature of a design: one path for its wires and one for the blocks of each kind, so that hundreds are drawn quickly. */

import type { Component, ModelArchitecture } from '../generated/wire'
import { kindIndex } from './catalogue'
import { BLOCK_HEIGHT, BLOCK_WIDTH, boundsOf, ROW_HEIGHT } from './geometry'
import { bodyOf, childrenOf, holds, levelOf } from './inside'

/** The side of the square that the paths lie in. */
export const MINIATURE_SIDE = 76
const PADDING = 7
const ROOM = MINIATURE_SIDE - 2 * PADDING
const MAX_SCALE = 0.24
const MIN_BLOCK = { width: 7, height: 1.2 }
/** as much of a row as a block fills, so that wires show between blocks */
const FILL = 0.62
const MAX_SHOWN_INSIDE = 3

export interface Miniature {
  wires: string
  /** the frames of containers */
  frames: string
  /** the blocks of each kind */
  kinds: [kind: number, path: string][]
}

interface Spot {
  /** the middle of a block */
  x: number
  y: number
}

const known = new WeakMap<ModelArchitecture, Miniature>()

/** The miniature of the top level of a design; worked out once for each object. */
export function miniatureOf(design: ModelArchitecture): Miniature {
  const found = known.get(design) ?? draw(design)
  known.set(design, found)
  return found
}

function draw(whole: ModelArchitecture): Miniature {
  const { components, edges } = levelOf(whole, null)
  const { spots, width, height } = placed(components)
  const kinds = new Map<number, string>()
  const fill = (kind: number, path: string) => kinds.set(kind, (kinds.get(kind) ?? '') + path)
  let frames = ''
  for (const component of components) {
    const spot = spots.get(component.id) as Spot
    if (!holds(component)) {
      fill(kindIndex(component.type), rounded(spot, width, height))
      continue
    }
    frames += rounded(spot, width + 2, height + 2)
    const inner = childrenOf(whole, bodyOf(whole, component.id)).slice(0, MAX_SHOWN_INSIDE)
    const part = width / Math.max(1, inner.length)
    for (const [index, child] of inner.entries()) {
      const x = spot.x - width / 2 + part * (index + 0.5)
      fill(kindIndex(child.type), rounded({ x, y: spot.y }, part - 1.6, height - 1.2))
    }
  }
  const wires = edges.map(([source, target]) => wire(spots.get(source), spots.get(target), width, height)).join('')
  return { wires, frames, kinds: [...kinds] }
}

/** Where the blocks stand in the square: as on the canvas, but that height and width are scaled apart, so that a long chain fills it. */
function placed(components: readonly Component[]): { spots: Map<string, Spot>; width: number; height: number } {
  const bounds = boundsOf(components)
  const [across, down] = [bounds.width - BLOCK_WIDTH, bounds.height - BLOCK_HEIGHT]
  const pitch = Math.min(MAX_SCALE, down > 0 ? ROOM / (down + ROW_HEIGHT) : MAX_SCALE)
  const height = Math.max(MIN_BLOCK.height, ROW_HEIGHT * pitch * FILL)
  const wide = Math.min(MAX_SCALE, ROOM / (across + BLOCK_WIDTH))
  const width = Math.max(MIN_BLOCK.width, BLOCK_WIDTH * wide)
  const scaleX = across > 0 ? Math.min(wide, (ROOM - width) / across) : 0
  const scaleY = down > 0 ? Math.min(pitch, (ROOM - height) / down) : 0
  const middle = { x: bounds.x + bounds.width / 2, y: bounds.y + bounds.height / 2 }
  const spotOf = ({ x, y }: Component): Spot => ({
    x: MINIATURE_SIDE / 2 + (x + BLOCK_WIDTH / 2 - middle.x) * scaleX,
    y: MINIATURE_SIDE / 2 + (y + BLOCK_HEIGHT / 2 - middle.y) * scaleY,
  })
  return { spots: new Map(components.map((component) => [component.id, spotOf(component)])), width, height }
}

const short = (value: number): string => String(Math.round(value * 10) / 10)

function rounded({ x, y }: Spot, width: number, height: number): string {
  const radius = Math.min(2.2, width / 2, height / 2)
  const [w, h, r] = [short(width - 2 * radius), short(height - 2 * radius), short(radius)]
  const arc = (dx: string, dy: string) => `a${r},${r} 0 0 1 ${dx},${dy}`
  return `M${short(x - width / 2 + radius)},${short(y - height / 2)}h${w}${arc(r, r)}v${h}${arc(`-${r}`, r)}h-${w}${arc(`-${r}`, `-${r}`)}v-${h}${arc(r, `-${r}`)}z`
}

/** A curve from the bottom of one block to the top of the next; it passes beside the blocks in between. */
function wire(from: Spot | undefined, to: Spot | undefined, width: number, height: number): string {
  if (!from || !to) return ''
  const [top, bottom] = [from.y + height / 2, to.y - height / 2]
  const row = height / FILL
  const passes = Math.abs(to.y - from.y) > 1.5 * row && Math.abs(to.x - from.x) < width
  if (passes) {
    const side = Math.min(MINIATURE_SIDE - 2, Math.max(from.x, to.x) + width * 0.5 + 6)
    return `M${short(from.x + width / 2)},${short(from.y)}C${short(side)},${short(from.y)} ${short(side)},${short(to.y)} ${short(to.x + width / 2)},${short(to.y)}`
  }
  const controlOffset = Math.max(1, Math.abs(bottom - top) / 2)
  return `M${short(from.x)},${short(top)}C${short(from.x)},${short(top + controlOffset)} ${short(to.x)},${short(bottom - controlOffset)} ${short(to.x)},${short(bottom)}`
}
