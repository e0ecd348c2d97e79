/** Draws a model card on a canvas, 1080 × 1350 px: a portrait that apps show without cutting it. */

import type { Box } from '../document/geometry'
import type { Tile } from '../runs/largest_tiles'
import { percent } from '../ui/numbers'
import type { Card } from './card'
import type { Palette } from './card_palette'
import { drawDesign } from './design_drawing'

export const CARD_WIDTH = 1080
export const CARD_HEIGHT = 1350

const EDGE = 64
const GAP = 28
const RADIUS = 36
const FACTS_HEIGHT = 150
const FOOT_HEIGHT = 40
const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif'
const MONO = 'ui-monospace, "SF Mono", "Roboto Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace'

export type Context = CanvasRenderingContext2D

/** Draw the whole card. */
export function drawCard(context: Context, card: Card, palette: Palette): void {
  context.fillStyle = palette.paper
  context.fillRect(0, 0, CARD_WIDTH, CARD_HEIGHT)
  const top = drawHead(context, card, palette) + GAP
  const factsTop = CARD_HEIGHT - EDGE - FOOT_HEIGHT - GAP - FACTS_HEIGHT
  const height = factsTop - GAP - top
  const width = (CARD_WIDTH - 2 * EDGE - GAP) / 2
  const right = EDGE + width + GAP
  const scoreHeight = Math.min(230, height * 0.36)
  drawDrawing(context, card, palette, { x: EDGE, y: top, width, height })
  drawScore(context, card, palette, { x: right, y: top, width, height: scoreHeight })
  drawTiles(context, card, palette, { x: right, y: top + scoreHeight + GAP, width, height: height - scoreHeight - GAP })
  drawFacts(context, card, palette, { x: EDGE, y: factsTop, width: CARD_WIDTH - 2 * EDGE, height: FACTS_HEIGHT })
  drawFoot(context, card, palette)
}

/** Name, subject and tags; returns their lower edge. */
function drawHead(context: Context, { name, subject, tags }: Card, palette: Palette): number {
  const width = CARD_WIDTH - 2 * EDGE
  setFont(context, 700, 68)
  const lines = wrapped(context, name, width, 2)
  let y = EDGE
  for (const line of lines) {
    write(context, line, EDGE, y + 64, palette.ink)
    y += 80
  }
  setFont(context, 450, 34)
  write(context, fitted(context, subject, width), EDGE, y + 40, palette['ink-2'])
  if (!tags) return y + 56
  setFont(context, 450, 28)
  write(context, fitted(context, tags, width), EDGE, y + 86, palette['ink-3'])
  return y + 102
}

function drawDrawing(context: Context, { design }: Card, palette: Palette, box: Box): void {
  panel(context, box, palette)
  if (design) {
    drawDesign(context, design, palette, inset(box, 24), (size) => setFont(context, 600, size))
  } else {
    setFont(context, 450, 28)
    const words = 'The drawing of this run is not on this phone.'
    centred(context, wrapped(context, words, box.width - 96, 3), box, palette['ink-2'], 38)
  }
}

function drawScore(context: Context, { score, isComplete }: Card, palette: Palette, box: Box): void {
  panel(context, box, palette)
  const inside = inset(box, 36)
  setFont(context, 700, 96)
  const size = Math.min(96, (96 * inside.width) / Math.max(1, context.measureText(score?.value ?? '–').width))
  setFont(context, 700, size)
  const middle = box.y + box.height / 2
  write(context, score?.value ?? '–', inside.x, middle + 18, palette.ink)
  setFont(context, 450, 28)
  const words = score?.words ?? (isComplete ? 'no game was scored' : 'score not on this phone')
  write(context, fitted(context, words, inside.width), inside.x, middle + 72, palette['ink-2'])
}

function drawTiles(context: Context, card: Card, palette: Palette, box: Box): void {
  panel(context, box, palette)
  if (card.tiles.length > 0) {
    drawBars(context, card, palette, box)
  } else {
    setFont(context, 450, 28)
    const words = card.isComplete ? 'No test games were played.' : 'The test games of this run are not on this phone.'
    centred(context, wrapped(context, words, box.width - 48, 3), box, palette['ink-2'], 38)
  }
}

/** The largest tiles as bars; dashes and dots are what greedy and random play reach. */
function drawBars(context: Context, { tiles, tilesTitle }: Card, palette: Palette, box: Box): void {
  const inside = inset(box, 36)
  setFont(context, 600, 26)
  write(context, fitted(context, tilesTitle, inside.width), inside.x, inside.y + 22, palette['ink-2'])
  const hasRules = tiles.some(({ greedy, random }) => greedy || random)
  const bars: Box = { ...inside, y: inside.y + 84, height: inside.height - 84 - 44 - (hasRules ? 46 : 0) }
  const most = Math.max(...tiles.flatMap(({ share, greedy, random }) => [share, greedy ?? 0, random ?? 0]))
  const step = bars.width / tiles.length
  for (const [index, tile] of tiles.entries()) {
    const width = Math.min(64, step * 0.62)
    const centre = bars.x + step * (index + 0.5)
    drawBar(context, tile, palette, { x: centre - width / 2, y: bars.y, width, height: bars.height }, most)
  }
  if (hasRules) drawKey(context, palette, inside.x, inside.y + inside.height)
}

function drawBar(context: Context, tile: Tile, palette: Palette, box: Box, most: number): void {
  const bottom = box.y + box.height
  const heightOf = (share: number): number => Math.max(3, (share / most) * box.height)
  const height = heightOf(tile.share)
  context.fillStyle = palette.ink
  context.beginPath()
  context.roundRect(box.x, bottom - height, box.width, height, [8, 8, 0, 0])
  context.fill()
  const rules: number[] = []
  for (const [share, dash] of [[tile.greedy, DASHED] as const, [tile.random, DOTTED] as const]) {
    if (share === undefined) continue
    // visible on the bar and above it
    const y = bottom - heightOf(share)
    rules.push(y)
    line(context, box.x - 6, y, box.x + box.width + 6, y, y > bottom - height ? palette.paper : palette['ink-3'], dash)
  }
  const middle = box.x + box.width / 2
  setFont(context, 500, 24)
  write(context, percent(tile.share), middle, labelPlace(bottom - height, rules), palette['ink-2'], 'center')
  setFont(context, 700, 26)
  write(context, String(tile.face), middle, bottom + 36, palette.ink, 'center')
}

/** The lower edge of the share of a bar: above the bar, and above lines that would cross the text. */
export function labelPlace(top: number, lines: readonly number[]): number {
  const lowestFirst = [...lines].sort((one, other) => other - one)
  const crosses = (y: number, place: number): boolean => y < place + LABEL_GAP && y > place - LABEL_HEIGHT
  return lowestFirst.reduce((place, y) => (crosses(y, place) ? y - LABEL_GAP : place), top - LABEL_GAP)
}

const LABEL_HEIGHT = 30
const LABEL_GAP = 14
const DASHED = [12, 6]
const DOTTED = [4, 5]

/** Which line is greedy and which random play. */
function drawKey(context: Context, palette: Palette, x: number, y: number): void {
  setFont(context, 450, 24)
  let at = x
  for (const [word, dash] of [['greedy rule', DASHED] as const, ['random', DOTTED] as const]) {
    line(context, at, y - 8, at + 36, y - 8, palette['ink-3'], dash)
    write(context, word, at + 48, y, palette['ink-2'])
    at += 48 + context.measureText(word).width + 36
  }
}

function drawFacts(context: Context, { facts }: Card, palette: Palette, box: Box): void {
  panel(context, box, palette)
  const inside = inset(box, 36)
  const step = inside.width / Math.max(1, facts.length)
  for (const [index, { label, value }] of facts.entries()) {
    const x = inside.x + index * step
    setFont(context, 450, 26)
    write(context, fitted(context, label, step - 16), x, inside.y + 22, palette['ink-2'])
    setFont(context, 650, 38)
    write(context, fitted(context, value, step - 16), x, inside.y + 72, palette.ink)
  }
}

function drawFoot(context: Context, { hash }: Card, palette: Palette): void {
  const y = CARD_HEIGHT - EDGE
  setFont(context, 600, 28)
  write(context, 'Model Studio', EDGE, y, palette['ink-2'])
  context.font = `450 26px ${MONO}`
  write(context, `design ${hash}`, CARD_WIDTH - EDGE, y, palette['ink-3'], 'right')
}

function panel(context: Context, { x, y, width, height }: Box, palette: Palette): void {
  context.beginPath()
  context.roundRect(x, y, width, height, RADIUS)
  context.fillStyle = palette.surface
  context.fill()
  context.strokeStyle = palette.line
  context.lineWidth = 2
  context.setLineDash([])
  context.stroke()
}

function line(context: Context, x: number, y: number, toX: number, toY: number, colour: string, dash: readonly number[]): void {
  context.beginPath()
  context.setLineDash([...dash])
  context.moveTo(x, y)
  context.lineTo(toX, toY)
  context.strokeStyle = colour
  context.lineWidth = 4
  context.stroke()
  context.setLineDash([])
}

/** Lines of text in the middle of a box. */
function centred(context: Context, lines: readonly string[], box: Box, colour: string, step: number): void {
  const top = box.y + box.height / 2 - ((lines.length - 1) * step) / 2 + 10
  for (const [index, text] of lines.entries()) write(context, text, box.x + box.width / 2, top + index * step, colour, 'center')
}

const inset = ({ x, y, width, height }: Box, by: number): Box => ({
  ...{ x: x + by, y: y + by, width: width - 2 * by, height: height - 2 * by },
})

const setFont = (context: Context, weight: number, size: number): void => {
  context.font = `${weight} ${size}px ${FONT}`
}

function write(context: Context, text: string, x: number, y: number, colour: string, align: CanvasTextAlign = 'left'): void {
  context.fillStyle = colour
  context.textAlign = align
  context.fillText(text, x, y)
}

/** The text, cut with an ellipsis where it is wider than there is room for. */
export function fitted(context: Pick<Context, 'measureText'>, text: string, width: number): string {
  if (context.measureText(text).width <= width) return text
  const letters = [...text]
  while (letters.length > 1 && context.measureText(`${letters.join('')}…`).width > width) letters.pop()
  return `${letters.join('').trimEnd()}…`
}

/** The text in at most `most` lines; a word that is longer than a line is cut. */
export function wrapped(context: Pick<Context, 'measureText'>, text: string, width: number, most: number): string[] {
  const lines: string[] = []
  const words = text.split(/\s+/).filter(Boolean)
  while (words.length > 0 && lines.length < most) {
    if (lines.length === most - 1) return [...lines, fitted(context, words.join(' '), width)]
    let line = words.shift() ?? ''
    while (words[0] && context.measureText(`${line} ${words[0]}`).width <= width) line += ` ${words.shift()}`
    lines.push(fitted(context, line, width))
  }
  return lines
}
