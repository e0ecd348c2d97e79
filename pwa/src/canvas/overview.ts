/** Paints the far view: rectangles by colour, all edges as one path, nothing outside the view. */

import { KIND_COLOURS, kindIndex } from '../document/catalogue'
import { BLOCK_HEIGHT, BLOCK_WIDTH, bottomOf, topOf, type View } from '../document/geometry'
import { marksOf } from '../editor/block_marks'
import { validationStore } from '../editor/validation'
import type { Component, ModelArchitecture } from '../generated/wire'
import { BUCKETS, bucketOf, heatStore, MAX_EXPERTS, RAMP, usageOf } from '../runs/expert_heat'

interface Colours {
  surface: string
  line: string
  ink: string
  bad: string
  kinds: string[]
  experts: string[]
}

function coloursOf(element: Element): Colours {
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

export function paintFar(canvas: HTMLCanvasElement, design: ModelArchitecture, selection: readonly string[], view: View): void {
  const context = canvas.getContext('2d')
  if (!context) return
  const colours = coloursOf(canvas)
  const ratio = canvas.width / canvas.clientWidth || 1
  context.setTransform(1, 0, 0, 1, 0, 0)
  context.clearRect(0, 0, canvas.width, canvas.height)
  context.setTransform(view.zoom * ratio, 0, 0, view.zoom * ratio, view.x * ratio, view.y * ratio)
  const inSight = design.components.filter((component) => isInSight(component, canvas, view))
  paintWires(context, design, colours, view.zoom)
  paintBlocks(context, inSight, colours)
  paintHeat(context, inSight, colours)
  paintMarks(context, inSight, selection, colours, view.zoom)
}

function isInSight({ x, y }: Component, { clientWidth, clientHeight }: HTMLCanvasElement, view: View): boolean {
  const left = x * view.zoom + view.x
  const top = y * view.zoom + view.y
  return left < clientWidth && top < clientHeight && left > -BLOCK_WIDTH * view.zoom && top > -BLOCK_HEIGHT * view.zoom
}

function paintWires(context: CanvasRenderingContext2D, design: ModelArchitecture, colours: Colours, zoom: number): void {
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
  context.lineWidth = 1.2 / zoom
  context.stroke()
}

function paintBlocks(context: CanvasRenderingContext2D, components: Component[], colours: Colours): void {
  const byKind = new Map<number, Component[]>()
  for (const component of components) {
    const kind = kindIndex(component.type)
    byKind.set(kind, [...(byKind.get(kind) ?? []), component])
  }
  context.fillStyle = colours.surface
  for (const { x, y } of components) context.fillRect(x, y, BLOCK_WIDTH, BLOCK_HEIGHT)
  for (const [kind, mine] of byKind) {
    context.fillStyle = colours.kinds[kind] ?? colours.ink
    for (const { x, y } of mine) context.fillRect(x, y, 28, BLOCK_HEIGHT)
    context.globalAlpha = 0.22
    for (const { x, y } of mine) context.fillRect(x + 28, y, BLOCK_WIDTH - 28, BLOCK_HEIGHT)
    context.globalAlpha = 1
  }
}

function paintHeat(context: CanvasRenderingContext2D, components: Component[], { experts }: Colours): void {
  const ofGame = heatStore.getState().source === 'game'
  for (const { id, x, y } of components) {
    const shares = usageOf(id)
    if (!shares) continue
    const width = (BLOCK_WIDTH - 28) / shares.length
    shares.forEach((share, index) => {
      const bucket = bucketOf(share, shares.length)
      context.fillStyle = (ofGame ? experts[index] : RAMP[bucket]) as string
      context.globalAlpha = ofGame ? (bucket + 1) / BUCKETS : 1
      context.fillRect(x + 28 + index * width, y, width, BLOCK_HEIGHT)
    })
    context.globalAlpha = 1
  }
}

function paintMarks(
  context: CanvasRenderingContext2D,
  components: Component[],
  selection: readonly string[],
  colours: Colours,
  zoom: number,
): void {
  const marks = marksOf(validationStore.getState())
  context.lineWidth = 2 / zoom
  for (const { id, x, y } of components) {
    const selected = selection.includes(id)
    if (!selected && !marks.get(id)?.problem) continue
    context.strokeStyle = selected ? colours.ink : colours.bad
    context.strokeRect(x, y, BLOCK_WIDTH, BLOCK_HEIGHT)
  }
}
