/** The picture of the far view: two canvases, the heat over the design. They are kept while the canvas is open, since making them is slow. */

import { boundsOf, type View } from '../document/geometry'
import { documentStore, openLevel } from '../document/store'
import { validationStore } from '../editor/validation'
import { heatStore, onHeat } from '../runs/expert_heat'
import { onScheme } from '../ui/theme'
import { MARGIN, pictureTransform, type Size, stillCovers } from './far_place'
import { coloursOf, paintDesign, paintHeat } from './overview'

/** pixels of a canvas for one pixel of the page at most: of the design, and of the heat, whose rectangles need no sharp edges and are
 * painted ten times a second */
const SHARPEST = [1.5, 1] as const
/** so long after the last movement it is painted anew, with everything that is left out while it moves */
const REST_MS = 160

export class FarPicture {
  private frame: Size = { width: 0, height: 0 }
  private readonly canvases: HTMLCanvasElement[]
  private colours: ReturnType<typeof coloursOf>
  private painted: View = { x: 0, y: 0, zoom: 1 }
  private shown = false
  private waiting = 0
  private rest = 0
  private readonly stops: (() => void)[]

  constructor(
    private readonly box: HTMLElement,
    private readonly view: () => View,
  ) {
    this.canvases = [...box.querySelectorAll('canvas')]
    this.colours = coloursOf(box)
    const recolour = () => {
      this.colours = coloursOf(box)
      this.repaint()
    }
    const repaint = () => this.repaint()
    const observer = new ResizeObserver(() => this.measure())
    observer.observe(box)
    this.stops = [
      documentStore.subscribe(repaint),
      validationStore.subscribe(repaint),
      onHeat(() => this.shown && this.paintHeat()),
      onScheme(recolour),
      () => observer.disconnect(),
    ]
    this.measure()
  }

  close(): void {
    cancelAnimationFrame(this.waiting)
    clearTimeout(this.rest)
    for (const stop of this.stops) stop()
  }

  /** Show the picture, or hide it. */
  show(shown: boolean): void {
    this.shown = shown
    this.box.hidden = !shown
    if (shown) this.paint(false)
    else clearTimeout(this.rest)
  }

  /** Follow the view: the picture is moved at once, which needs no painting, and painted anew where that is not enough. */
  follow(view: View): void {
    const level = openLevel(documentStore.getState())
    if (!level || !this.shown) return
    if (stillCovers(this.painted, view, this.frame, boundsOf(level.components))) {
      const { x, y, scale } = pictureTransform(this.painted, view, this.frame)
      this.box.style.transform = `translate(${x}px, ${y}px) scale(${scale})`
      if (scale !== 1) this.paintAtRest()
    } else {
      cancelAnimationFrame(this.waiting)
      this.waiting = requestAnimationFrame(() => this.paint(false))
    }
  }

  private paintAtRest(): void {
    clearTimeout(this.rest)
    this.rest = window.setTimeout(() => this.repaint(), REST_MS)
  }

  private repaint(): void {
    cancelAnimationFrame(this.waiting)
    this.waiting = requestAnimationFrame(() => this.shown && this.paint(true))
  }

  /** The canvases are a margin larger than the frame, which the box has as its own inset. */
  private measure(): void {
    const frame = this.box.parentElement
    const size = { width: frame?.clientWidth ?? 0, height: frame?.clientHeight ?? 0 }
    if (size.width === this.frame.width && size.height === this.frame.height) return
    this.frame = size
    for (const [index, canvas] of this.canvases.entries()) {
      const ratio = Math.min(SHARPEST[index] ?? 1, window.devicePixelRatio)
      canvas.width = Math.round(size.width * (1 + 2 * MARGIN) * ratio)
      canvas.height = Math.round(size.height * (1 + 2 * MARGIN) * ratio)
    }
    this.repaint()
  }

  /** Paint for the present view; while it moves, without the details. */
  private paint(detailed: boolean): void {
    const [base] = this.canvases
    const state = documentStore.getState()
    const level = openLevel(state)
    if (!base || !level) return
    this.painted = this.view()
    this.box.style.transform = ''
    const { selection } = state
    paintDesign(base, { design: level, selection, view: this.viewOnCanvas(), colours: this.colours, size: this.size(), detailed })
    this.paintHeat()
    if (!detailed) this.paintAtRest()
  }

  private paintHeat(): void {
    const [, heat] = this.canvases
    const level = openLevel(documentStore.getState())
    if (!heat || !level) return
    heat.hidden = Object.keys(heatStore.getState().experts).length === 0
    if (!heat.hidden) paintHeat(heat, { design: level, view: this.viewOnCanvas(), colours: this.colours, size: this.size() })
  }

  private size(): Size {
    return { width: this.frame.width * (1 + 2 * MARGIN), height: this.frame.height * (1 + 2 * MARGIN) }
  }

  /** The view for which the canvases are painted, whose upper left corner is that of the canvases. */
  private viewOnCanvas(): View {
    const { x, y, zoom } = this.painted
    return { x: x + MARGIN * this.frame.width, y: y + MARGIN * this.frame.height, zoom }
  }
}
