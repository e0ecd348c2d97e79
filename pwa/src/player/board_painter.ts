/** Draws the watched board on an OffscreenCanvas in the player worker, which relieves the main thread at full speed. */

import { expertsIn, expertTexts, isOfBoard, lookIn, lookTexts } from './overlay'
import type { Position, Thought } from './types'

/** The overlay above the tiles, and the path of its layer. */
export type BoardOverlay =
  | { inside: 'experts'; path: string }
  | { inside: 'attention'; path: string; cell: number; head: number | null }

export interface BoardColours {
  board: string
  cell: string
  surface: string
  ink: string
  onExpert: string
  /** by exponent, starting at 1; larger exponents have the last colour */
  tiles: readonly string[]
  tileInks: readonly string[]
  experts: readonly string[]
}

export interface BoardLook {
  /** width and height, in device pixels */
  size: number
  /** device pixels per CSS pixel */
  ratio: number
  /** a list of font families */
  font: string
  colours: BoardColours
  overlay: BoardOverlay | null
}

/** A board with what the network computed for it. */
interface ShownBoard {
  board: readonly number[]
  thought: Thought | null
}

/** The square of a cell, in device pixels. */
interface Box {
  left: number
  top: number
  size: number
}

/** Where and how a text is drawn. */
interface TextPlacement {
  /** of its centre */
  x: number
  y: number
  weight: number
  /** of the font, in pixels */
  size: number
  colour: string
  /** letter spacing, in font sizes */
  spacing?: number
}

const SIDE = 4
/** lengths in percent of the width, as in board.css */
const GAP = 2.6
const CELL = (100 - 5 * GAP) / SIDE
const RADIUS = 1.8
const BORDER = 0.9
const EXPERT_FONT = 3.1
const SHARE_FONT = 2.9
/** by number of digits */
const TILE_FONTS: Readonly<Record<number, number>> = { 1: 9.4, 2: 9.4, 3: 8.2, 4: 6.6, 5: 5.4, 6: 4.6 }
const TILE_SPACING = -0.02
/** lengths in CSS pixels */
const MIN_EXPERT_FONT_PX = 11
const MIN_SHARE_FONT_PX = 10

export class BoardPainter {
  private readonly context: OffscreenCanvasRenderingContext2D | null
  private position: Position | null = null
  private previous: Position | null = null
  private shown: ShownBoard | null = null
  /** what each cell shows, so that only changed cells are drawn */
  private drawn: string[] = []
  private waiting = false
  private begun = false
  private ended = false
  /** distance from the middle of a line to its baseline, by font */
  private readonly baselines = new Map<string, number>()

  constructor(
    private readonly canvas: OffscreenCanvas,
    private look: BoardLook,
    /** called once, after the frame that shows the first board */
    private readonly painted: () => void,
    private readonly nextFrame: (draw: () => void) => void = (draw) => requestAnimationFrame(draw),
  ) {
    this.context = canvas.getContext('2d')
    this.setLook(look)
  }

  /** Redraw in another size, in other colours, or with another overlay. */
  setLook(look: BoardLook): void {
    this.look = look
    this.baselines.clear()
    this.drawn = []
    this.canvas.width = look.size
    this.canvas.height = look.size
    if (this.position) this.show(this.position)
  }

  /** Draw a position with the next frame; of several within one frame only the last is drawn. */
  show(position: Position): void {
    // after a switch of experts the same position is computed again; its predecessor stays the same
    if (position.state !== this.position?.state) this.previous = this.position
    this.position = position
    if (this.waiting) return
    this.waiting = true
    this.nextFrame(() => this.draw())
  }

  /** Stop drawing. */
  end(): void {
    this.ended = true
  }

  /**
   * The board to draw, with its overlay. A network that values afterstates has computed the overlay for the board after its move,
   * so that board is drawn once the move was made. Null if it is not known.
   */
  private boardToDraw(): ShownBoard | null {
    const { position, previous, look } = this
    if (!position) return null
    const { state, move, thought } = position
    if (!look.overlay || !thought || thought.ofMove === null) return { board: state.board, thought }
    const follows = move !== null && previous?.state.seed === state.seed && previous.state.n_moves + 1 === state.n_moves
    return follows && previous.thought?.ofMove === move.action ? { board: move.afterstate, thought: previous.thought } : null
  }

  private draw(): void {
    this.waiting = false
    const { context } = this
    if (!context || this.ended) return
    this.shown = this.boardToDraw() ?? this.shown
    const { shown } = this
    if (!shown) return
    const marks = this.marksOf(shown.thought)
    for (const [cell, exponent] of shown.board.entries()) {
      const mark = marks?.[cell]
      const key = `${exponent} ${mark}`
      if (this.drawn[cell] === key) continue
      this.drawn[cell] = key
      this.drawCell(context, cell, exponent, mark)
    }
    if (!this.begun) this.nextFrame(() => this.ended || this.painted())
    this.begun = true
  }

  private marksOf(thought: Thought | null): string[] | undefined {
    const { overlay } = this.look
    if (!overlay || !thought) return undefined
    if (overlay.inside === 'experts') {
      const routing = thought.routing[overlay.path]
      return routing && expertTexts(routing)
    }
    const attention = thought.attention[overlay.path]
    return attention && lookTexts(attention, overlay.cell, overlay.head)
  }

  /** Whether experts were chosen for the whole board; their numbers are then written once. */
  private get showsOneChoice(): boolean {
    const { overlay } = this.look
    const routing = overlay && this.shown?.thought?.routing[overlay.path]
    return routing ? isOfBoard(routing) : false
  }

  private drawCell(context: OffscreenCanvasRenderingContext2D, cell: number, exponent: number, mark: string | undefined): void {
    const { colours, overlay } = this.look
    const box = this.boxOf(cell)
    // only the cells are drawn; between them the canvas is transparent
    context.clearRect(box.left, box.top, box.size, box.size)
    this.fillBox(context, box, colours.cell)
    if (exponent > 0) this.drawTile(context, box, exponent)
    if (mark === undefined) return
    if (overlay?.inside === 'experts') this.drawExperts(context, box, expertsIn(mark), cell === 0 || !this.showsOneChoice)
    else this.drawLook(context, box, mark)
  }

  private boxOf(cell: number): Box {
    const place = (index: number): number => this.unit(GAP + index * (CELL + GAP))
    const left = Math.round(place(cell % SIDE))
    const top = Math.round(place(Math.floor(cell / SIDE)))
    return { left, top, size: Math.round(this.unit(CELL)) }
  }

  /** A length in percent of the width, in device pixels. */
  private unit(percent: number): number {
    return (percent * this.look.size) / 100
  }

  private fillBox(context: OffscreenCanvasRenderingContext2D, { left, top, size }: Box, colour: string): void {
    context.fillStyle = colour
    context.beginPath()
    context.roundRect(left, top, size, size, this.unit(RADIUS))
    context.fill()
  }

  private drawTile(context: OffscreenCanvasRenderingContext2D, box: Box, exponent: number): void {
    const { tiles, tileInks } = this.look.colours
    const place = Math.min(exponent, tiles.length) - 1
    this.fillBox(context, box, tiles[place] ?? '')
    const face = String(2 ** exponent)
    const size = this.unit(TILE_FONTS[face.length] ?? 0)
    const middle = box.size / 2
    const look = { weight: 700, size, colour: tileInks[place] ?? '', spacing: TILE_SPACING }
    this.drawText(context, face, { x: box.left + middle, y: box.top + middle, ...look })
  }

  /** A frame in the colour of the first expert, with its number at the upper left and that of the second at the upper right. */
  private drawExperts(
    context: OffscreenCanvasRenderingContext2D,
    { left, top, size }: Box,
    experts: readonly number[],
    withNumbers: boolean,
  ): void {
    const { colours, ratio } = this.look
    const colourOf = (expert: number): string => colours.experts[expert] ?? ''
    const [first] = experts
    if (first === undefined) return
    const border = Math.floor(this.unit(BORDER))
    const inner = this.unit(RADIUS) - border
    const font = Math.max(MIN_EXPERT_FONT_PX * ratio, this.unit(EXPERT_FONT))
    const [width, corner] = [1.5 * font, 0.4 * font]
    for (const [place, expert] of withNumbers ? experts.entries() : []) {
      const x = place === 0 ? left + border : left + size - border - width
      context.fillStyle = colourOf(expert)
      context.beginPath()
      // overlaps the frame by a pixel, so that there is no gap
      const covered = place === 0 ? x - 1 : x
      context.roundRect(covered, top + border - 1, width + 1, width + 1, place === 0 ? [0, 0, corner, 0] : [0, 0, 0, corner])
      context.fill()
      const at = { x: x + width / 2, y: top + border + width / 2 }
      this.drawText(context, String(expert + 1), { ...at, weight: 700, size: font, colour: colours.onExpert })
    }
    context.fillStyle = colourOf(first)
    context.beginPath()
    context.roundRect(left, top, size, size, this.unit(RADIUS))
    context.roundRect(left + border, top + border, size - 2 * border, size - 2 * border, inner)
    context.fill('evenodd')
  }

  private drawLook(context: OffscreenCanvasRenderingContext2D, box: Box, mark: string): void {
    const { colours, ratio } = this.look
    const { veil, words, isShown } = lookIn(mark)
    context.globalAlpha = veil
    this.fillBox(context, box, colours.board)
    context.globalAlpha = 1
    if (!isShown) return
    const size = Math.max(MIN_SHARE_FONT_PX * ratio, this.unit(SHARE_FONT))
    context.font = this.fontOf(650, size)
    context.letterSpacing = '0px'
    const width = context.measureText(words).width + 8 * ratio
    const height = 1.25 * size + 2 * ratio
    const right = box.left + 0.96 * box.size
    const bottom = box.top + 0.96 * box.size
    context.fillStyle = colours.surface
    context.beginPath()
    context.roundRect(right - width, bottom - height, width, height, 4 * ratio)
    context.fill()
    this.drawText(context, words, { x: right - width / 2, y: bottom - height / 2, weight: 650, size, colour: colours.ink })
  }

  /** Draw a text centred at a point. */
  private drawText(
    context: OffscreenCanvasRenderingContext2D,
    text: string,
    { x, y, weight, size, colour, spacing = 0 }: TextPlacement,
  ): void {
    context.font = this.fontOf(weight, size)
    context.letterSpacing = `${spacing * size}px`
    context.textAlign = 'center'
    context.fillStyle = colour
    context.fillText(text, x, y + this.baselineOf(context))
  }

  private fontOf(weight: number, size: number): string {
    return `${weight} ${size}px ${this.look.font}`
  }

  /** The distance from the middle of a line to its baseline, in the font of the context. */
  private baselineOf(context: OffscreenCanvasRenderingContext2D): number {
    const known = this.baselines.get(context.font)
    if (known !== undefined) return known
    const { fontBoundingBoxAscent, fontBoundingBoxDescent } = context.measureText('0')
    const baseline = (fontBoundingBoxAscent - fontBoundingBoxDescent) / 2
    this.baselines.set(context.font, baseline)
    return baseline
  }
}
