/** The picture of the far view: two canvases, the heat over the design. They are kept while the canvas is open, since making them is slow. */

import { type Box, boundsOf, type View } from '../document/geometry'
import { documentStore, openLevel } from '../document/store'
import { validationStore } from '../editor/validation'
import { heatStore, onHeat } from '../runs/expert_heat'
import { onScheme } from '../ui/theme'
import { MARGIN, paintedArea, pictureTransform, type Size, stillCovers } from './far_place'
import { coloursOf, paintDesign, paintHeat } from './overview'
import { watchPinch } from './pinch_zoom'
import type { SeenView } from './useViewport'

/** Pixels of a canvas for one pixel of the page at most: of a design at rest, and of what is painted often and needs no sharp edges. */
const [SHARP, COARSE] = [1.5, 1]
/** so long after the last movement it is painted anew, with everything that is left out while it moves */
const REST_MS = 160

export class FarPicture {
  private frame: Size = { width: 0, height: 0 }
  private readonly canvases: HTMLCanvasElement[]
  private colours: ReturnType<typeof coloursOf>
  private painted: View = { x: 0, y: 0, zoom: 1 }
  /** what the canvases cover, in px of the page from the upper left corner of the box */
  private area: Box = { x: 0, y: 0, width: 0, height: 0 }
  private shown = false
  private waiting = 0
  private rest = 0
  private readonly stops: (() => void)[]

  constructor(
    private readonly box: HTMLElement,
    frame: HTMLElement,
    private readonly view: SeenView,
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
      watchPinch(frame, view),
      view.subscribe((seen) => this.follow(seen)),
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

  /** The picture is moved at once, which needs no painting, and painted anew where that is not enough. */
  private follow(view: View): void {
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

  /** The box is a margin larger than the frame. */
  private measure(): void {
    const frame = this.box.parentElement
    const size = { width: frame?.clientWidth ?? 0, height: frame?.clientHeight ?? 0 }
    if (size.width === this.frame.width && size.height === this.frame.height) return
    this.frame = size
    this.repaint()
  }

  /** Make a canvas as large as the area, which is often a small part of the frame. */
  private fit(canvas: HTMLCanvasElement, most: number): void {
    const ratio = Math.min(most, window.devicePixelRatio)
    const { x, y, width, height } = this.area
    Object.assign(canvas.style, { left: `${x}px`, top: `${y}px`, width: `${width}px`, height: `${height}px` })
    const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)]
    if (canvas.width !== across) canvas.width = across
    if (canvas.height !== down) canvas.height = down
  }

  /** Paint for the present view; while it moves, without the details. */
  private paint(detailed: boolean): void {
    const [base, heat] = this.canvases
    const state = documentStore.getState()
    const level = openLevel(state)
    if (!base || !heat || !level) return
    this.painted = this.view.now()
    this.area = paintedArea(this.painted, this.frame, boundsOf(level.components))
    this.box.style.transform = ''
    this.fit(base, detailed ? SHARP : COARSE)
    this.fit(heat, COARSE)
    const { selection } = state
    paintDesign(base, { design: level, selection, ...this.place(), colours: this.colours, detailed })
    this.paintHeat()
    if (!detailed) this.paintAtRest()
  }

  private paintHeat(): void {
    const [, heat] = this.canvases
    const level = openLevel(documentStore.getState())
    if (!heat || !level) return
    heat.hidden = Object.keys(heatStore.getState().experts).length === 0
    if (!heat.hidden) paintHeat(heat, { design: level, ...this.place(), colours: this.colours })
  }

  /** The view for which the canvases are painted, whose upper left corner is that of the canvases, and their size. */
  private place(): { view: View; size: Size } {
    const { zoom } = this.painted
    const [left, top] = [MARGIN * this.frame.width - this.area.x, MARGIN * this.frame.height - this.area.y]
    return { view: { x: this.painted.x + left, y: this.painted.y + top, zoom }, size: this.area }
  }
}
