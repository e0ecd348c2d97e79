/** Draws the top level of a design into a box of a canvas, its blocks in the colours of their kinds. */

import { kindIndex } from '../document/catalogue'
import { findComponent } from '../document/edits'
import { BLOCK_HEIGHT, BLOCK_WIDTH, type Box, bottomOf, boundsOf, topOf } from '../document/geometry'
import { levelOf } from '../document/inside'
import { namesOf } from '../document/names'
import type { ModelArchitecture } from '../generated/wire'
import type { Palette } from './card_palette'

const MAX_SCALE = 1.9
const NAME_PX = 17
const MIN_NAME_PX = 15
const NAME_MARGIN = 9

type Context = CanvasRenderingContext2D

/** `setFont` sets the font of the names, by their size in px. */
export function drawDesign(
  context: Context,
  whole: ModelArchitecture,
  palette: Palette,
  box: Box,
  setFont: (size: number) => void,
): void {
  const design = levelOf(whole, null)
  const bounds = boundsOf(design.components)
  const scale = Math.min(MAX_SCALE, box.width / bounds.width, box.height / bounds.height)
  context.save()
  context.translate(
    box.x + (box.width - bounds.width * scale) / 2 - bounds.x * scale,
    box.y + (box.height - bounds.height * scale) / 2 - bounds.y * scale,
  )
  context.scale(scale, scale)
  drawEdges(context, design, palette)
  const names = namesOf(whole)
  for (const { id, type, x, y } of design.components) {
    context.beginPath()
    context.roundRect(x, y, BLOCK_WIDTH, BLOCK_HEIGHT, 14)
    context.fillStyle = palette.kinds[kindIndex(type)] ?? palette.ink
    context.fill()
    if (NAME_PX * scale >= MIN_NAME_PX) drawName(context, names.get(id) ?? '', palette, { x, y }, setFont)
  }
  context.restore()
}

function drawEdges(context: Context, design: ModelArchitecture, palette: Palette): void {
  context.beginPath()
  for (const [source, target] of design.edges) {
    const from = findComponent(design, source)
    const to = findComponent(design, target)
    if (!from || !to) continue
    const [a, b] = [bottomOf(from), topOf(to)]
    context.moveTo(a.x, a.y)
    context.lineTo(b.x, b.y)
  }
  context.setLineDash([])
  context.strokeStyle = palette['line-strong']
  context.lineWidth = 4
  context.stroke()
}

/** The name of a block in one or two lines, smaller where it is long. */
function drawName(
  context: Context,
  name: string,
  palette: Palette,
  { x, y }: { x: number; y: number },
  setFont: (size: number) => void,
): void {
  const room = BLOCK_WIDTH - 2 * NAME_MARGIN
  const lines = halves(name)
  setFont(NAME_PX)
  const widest = Math.max(...lines.map((line) => context.measureText(line).width))
  const size = Math.min(NAME_PX, (NAME_PX * room) / Math.max(1, widest))
  setFont(size)
  context.fillStyle = palette.surface
  context.textAlign = 'center'
  const first = y + BLOCK_HEIGHT / 2 + size * 0.35 - ((lines.length - 1) * size * 1.15) / 2
  for (const [index, line] of lines.entries()) context.fillText(line, x + BLOCK_WIDTH / 2, first + index * size * 1.15)
}

/** A name of several words in two lines of about the same length. */
function halves(name: string): string[] {
  const words = name.split(' ')
  if (words.length === 1 || name.length <= 10) return [name]
  const cuts = words.slice(1).map((_, index) => [words.slice(0, index + 1).join(' '), words.slice(index + 1).join(' ')] as const)
  const longest = ([one, other]: readonly [string, string]): number => Math.max(one.length, other.length)
  return [...cuts.reduce((best, cut) => (longest(cut) < longest(best) ? cut : best))]
}
