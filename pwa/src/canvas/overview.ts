/** Paints the far view: rectangles by colour with the symbols of their kinds, edges as one path, heat by colour; nothing outside the view. */

import { KIND_COLOURS, kindIndex } from '../document/catalogue'
import { BLOCK_HEIGHT, BLOCK_WIDTH, bottomOf, type Point, topOf, type View } from '../document/geometry'
import { marksOf } from '../editor/block_marks'
import { validationStore } from '../editor/validation'
import type { Component, ModelArchitecture } from '../generated/wire'
import { BUCKETS, bucketOf, heatStore, MAX_EXPERTS, RAMP, usageOf } from '../runs/expert_heat'
import type { Size } from './far_place'
import { symbolOf } from './symbols'

interface Colours {
  surface: string
  line: string
  ink: string
  bad: string
  kinds: string[]
  experts: string[]
}

interface Scene {
  design: ModelArchitecture
  /** in px of the page, from the upper left corner of the canvas */
  view: View
  colours: Colours
  /** of the canvas, in px of the page */
  size: Size
}

type DesignScene = Scene & {
  selection: readonly string[]
  /** whether it is painted with the symbols, which take longest */
  detailed: boolean
}

/** The coloured edge of a block. */
const STRIPE = 28
/** Below this zoom a symbol would be a speck. */
const SYMBOLS_ABOVE = 0.2

/** The colours of the page, which change with its theme. */
export function coloursOf(element: Element): Colours {
  const style = getComputedStyle(element)
  const token = (name: string) => style.getPropertyValue(name)
  return {
    surface: token('--surface'),
    line: token('--line-strong'),
    ink: token('--ink'),
    bad: token('--bad'),
    kinds: Array.from({ length: KIND_COLOURS }, (_, index) => token(`--kind-${index}`)),
    experts: Array.from({ length: MAX_EXPERTS }, (_, index) => token(`--expert-${index}`)),
  }
}

/** Clear a canvas and let it draw in px of the design; returns what is in sight. */
function begin(canvas: HTMLCanvasElement, { design, view, size }: Scene): [CanvasRenderingContext2D, Component[]] | undefined {
  const context = canvas.getContext('2d')
  if (!context) return undefined
  const ratio = canvas.width / size.width || 1
  context.setTransform(1, 0, 0, 1, 0, 0)
  context.clearRect(0, 0, canvas.width, canvas.height)
  context.setTransform(view.zoom * ratio, 0, 0, view.zoom * ratio, view.x * ratio, view.y * ratio)
  return [context, design.components.filter((component) => isInSight(component, size, view))]
}

function isInSight({ x, y }: Point, { width, height }: Size, view: View): boolean {
  const left = x * view.zoom + view.x
  const top = y * view.zoom + view.y
  return left < width && top < height && left > -BLOCK_WIDTH * view.zoom && top > -BLOCK_HEIGHT * view.zoom
}

/** Paint blocks, edges and marks. */
export function paintDesign(canvas: HTMLCanvasElement, scene: DesignScene): void {
  const [context, inSight] = begin(canvas, scene) ?? []
  if (!context || !inSight) return
  paintWires(context, scene)
  paintBlocks(context, inSight, scene)
  paintMarks(context, inSight, scene)
}

function paintWires(context: CanvasRenderingContext2D, { design, colours, view }: Scene): void {
  const placed = new Map(design.components.map((component) => [component.id, component]))
  context.beginPath()
  for (const [source, target] of design.edges) {
    const from = placed.get(source)
    const to = placed.get(target)
    if (!from || !to) continue
    const [a, b] = [bottomOf(from), topOf(to)]
    context.moveTo(a.x, a.y)
    context.lineTo(b.x, b.y)
  }
  context.strokeStyle = colours.line
  context.lineWidth = 1.2 / view.zoom
  context.stroke()
}

function paintBlocks(context: CanvasRenderingContext2D, components: Component[], { colours, view, detailed }: DesignScene): void {
  const byKind = new Map<number, Component[]>()
  for (const component of components) {
    const kind = kindIndex(component.type)
    const mine = byKind.get(kind)
    if (mine) mine.push(component)
    else byKind.set(kind, [component])
  }
  fill(context, colours.surface, components, 0, BLOCK_WIDTH)
  for (const [kind, mine] of byKind) {
    const colour = colours.kinds[kind] ?? colours.ink
    fill(context, colour, mine, 0, STRIPE)
    context.globalAlpha = 0.22
    fill(context, colour, mine, STRIPE, BLOCK_WIDTH - STRIPE)
    context.globalAlpha = 1
    if (detailed && view.zoom >= SYMBOLS_ABOVE) paintSymbols(context, mine, kind, colours.ink)
  }
}

/** One rectangle in each block, from `x` on, all in one path. */
function fill(context: CanvasRenderingContext2D, colour: string, blocks: Component[], x: number, width: number): void {
  context.fillStyle = colour
  context.beginPath()
  for (const block of blocks) context.rect(block.x + x, block.y, width, BLOCK_HEIGHT)
  context.fill()
}

const SYMBOL_SIZE = 44

function paintSymbols(context: CanvasRenderingContext2D, components: Component[], kind: number, colour: string): void {
  const symbol = new Path2D(symbolOf(kind))
  context.strokeStyle = colour
  context.lineWidth = 1.7
  for (const { x, y } of components) {
    context.save()
    context.translate(x + STRIPE + (BLOCK_WIDTH - STRIPE - SYMBOL_SIZE) / 2, y + (BLOCK_HEIGHT - SYMBOL_SIZE) / 2)
    context.scale(SYMBOL_SIZE / 24, SYMBOL_SIZE / 24)
    context.stroke(symbol)
    context.restore()
  }
}

function paintMarks(context: CanvasRenderingContext2D, components: Component[], { selection, colours, view }: DesignScene): void {
  const marks = marksOf(validationStore.getState())
  context.lineWidth = 2 / view.zoom
  for (const { id, x, y } of components) {
    const selected = selection.includes(id)
    if (!selected && !marks.get(id)?.problem) continue
    context.strokeStyle = selected ? colours.ink : colours.bad
    context.strokeRect(x, y, BLOCK_WIDTH, BLOCK_HEIGHT)
  }
}

const images = new WeakMap<HTMLCanvasElement, ImageData>()

/** The pixels of a canvas, all of them clear; the same ones each time, since heat is painted ten times a second. */
function clearPixels(canvas: HTMLCanvasElement, context: CanvasRenderingContext2D): ImageData {
  let image = images.get(canvas)
  if (image?.width === canvas.width && image.height === canvas.height) image.data.fill(0)
  else {
    image = context.createImageData(canvas.width, canvas.height)
    images.set(canvas, image)
  }
  return image
}

const packed = new Map<string, number>()

/** A colour of CSS as a pixel. */
function pixelOf(colour: string): number {
  const known = packed.get(colour)
  if (known !== undefined) return known
  const canvas = Object.assign(document.createElement('canvas'), { width: 1, height: 1 })
  const context = canvas.getContext('2d')
  if (!context) return 0
  context.fillStyle = colour
  context.fillRect(0, 0, 1, 1)
  const [pixel = 0] = new Uint32Array(context.getImageData(0, 0, 1, 1).data.buffer)
  packed.set(colour, pixel)
  return pixel
}

const withAlpha = (pixel: number, share: number): number => ((pixel & 0xffffff) | (Math.round(255 * share) << 24)) >>> 0

/** Paint how much each expert is used, pixel by pixel: thousands of small rectangles take the browser longer to draw. */
export function paintHeat(canvas: HTMLCanvasElement, { design, view, colours, size }: Scene): void {
  const context = canvas.getContext('2d')
  if (!context || canvas.width === 0 || canvas.height === 0) return
  const image = clearPixels(canvas, context)
  const pixels = new Uint32Array(image.data.buffer)
  const ofGame = heatStore.getState().source === 'game'
  const ramp = RAMP.map(pixelOf)
  const experts = colours.experts.map(pixelOf)
  const ratio = canvas.width / size.width || 1
  const { width: wide, height: high } = canvas
  const across = (x: number) => Math.min(wide, Math.max(0, Math.round((x * view.zoom + view.x) * ratio)))
  const down = (y: number) => Math.min(high, Math.max(0, Math.round((y * view.zoom + view.y) * ratio)))
  for (const { id, x, y } of design.components) {
    const shares = usageOf(id)
    if (!shares || !isInSight({ x, y }, size, view)) continue
    const width = (BLOCK_WIDTH - STRIPE) / shares.length
    const [top, bottom] = [down(y), down(y + BLOCK_HEIGHT)]
    for (let index = 0; index < shares.length; index += 1) {
      const bucket = bucketOf(shares[index] ?? 0, shares.length)
      const pixel = ofGame ? withAlpha(experts[index] ?? 0, (bucket + 1) / BUCKETS) : (ramp[bucket] ?? 0)
      const [left, right] = [across(x + STRIPE + index * width), across(x + STRIPE + (index + 1) * width)]
      for (let row = top; row < bottom; row += 1) {
        const start = row * wide
        for (let place = start + left; place < start + right; place += 1) pixels[place] = pixel
      }
    }
  }
  context.putImageData(image, 0, 0)
}
