/** How much of the canvas can be seen: what covers its bottom or its right side, measured on the page. */

const SHOWN_TOASTS = '.toast:not([data-limited], [data-ending-style])'

/** At least so much is taken to be free beside a sheet. */
const MIN_PX = 64

interface Size {
  width: number
  height: number
}

/** The height of the canvas above the card of what is selected. */
export function heightAboveCard(frame: HTMLElement): number {
  return heightAbove(frame, [frame.querySelector('.selection-bar')])
}

/** The upper left part of the canvas that sheet, card and messages leave free. */
export function sizeInSight(frame: HTMLElement, sheetIsOpen: boolean): Size {
  const width = frame.clientWidth
  const sheet = sheetIsOpen ? document.querySelector<HTMLElement>('.bottom-sheet') : null
  if (!sheet) {
    const covers = [frame.querySelector('.selection-bar'), ...document.querySelectorAll(SHOWN_TOASTS)]
    return { width, height: heightAbove(frame, covers) }
  }
  const { left, top, height } = frame.getBoundingClientRect()
  // where it comes to rest: it may still be sliding in
  const { offsetLeft, offsetTop } = sheet
  // a panel at the right edge takes width, and all of the height
  if (offsetTop <= top && offsetLeft > left) return { width: Math.max(MIN_PX, offsetLeft - left), height }
  return { width, height: Math.max(MIN_PX, Math.min(height, offsetTop - top)) }
}

function heightAbove(frame: HTMLElement, covers: readonly (Element | null)[]): number {
  const { top, height } = frame.getBoundingClientRect()
  const edges = covers.flatMap((cover) => (cover ? [cover.getBoundingClientRect().top - top] : []))
  return Math.max(0, Math.min(height, ...edges))
}
