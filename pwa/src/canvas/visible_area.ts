/** How much of the canvas can be seen: what covers its bottom, measured on the page. */

const SHOWN_TOASTS = '.toast:not([data-limited], [data-ending-style])'

/** At least so much is taken to be free above a sheet. */
const MIN_PX = 64

/** The height of the canvas above the card of what is selected. */
export function heightAboveCard(frame: HTMLElement): number {
  return heightAbove(frame, [frame.querySelector('.selection-bar')])
}

/** The height of the canvas above sheet, card and messages. */
export function heightInSight(frame: HTMLElement, sheetIsOpen: boolean): number {
  const sheet = sheetIsOpen ? document.querySelector('.bottom-sheet') : null
  if (sheet) return Math.max(MIN_PX, heightAbove(frame, [sheet]))
  return heightAbove(frame, [frame.querySelector('.selection-bar'), ...document.querySelectorAll(SHOWN_TOASTS)])
}

function heightAbove(frame: HTMLElement, covers: readonly (Element | null)[]): number {
  const { top, height } = frame.getBoundingClientRect()
  const edges = covers.flatMap((cover) => (cover ? [cover.getBoundingClientRect().top - top] : []))
  return Math.max(0, Math.min(height, ...edges))
}
