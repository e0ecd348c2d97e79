import { cleanup, render } from '@testing-library/react'
import { afterEach, expect, it, vi } from 'vitest'
import { heightAboveCard, sizeInSight } from './visible_area'

const heightInSight = (frame: HTMLElement, sheetIsOpen: boolean) => sizeInSight(frame, sheetIsOpen).height

afterEach(cleanup)

/** A canvas from 100 to 500 px of the page, and what covers it from these heights of the page on. */
function canvas(covers: Record<string, number>): HTMLElement {
  const { container } = render(
    <>
      <div className="canvas">{'selection-bar' in covers && <div className="selection-bar" />}</div>
      {'toast' in covers && <p className="toast" />}
      {'bottom-sheet' in covers && <div className="bottom-sheet" />}
    </>,
  )
  for (const element of container.querySelectorAll('[class]')) {
    const top = covers[element.className] ?? 100
    vi.spyOn(element, 'getBoundingClientRect').mockReturnValue(
      new DOMRect(0, top, 360, element.className === 'canvas' ? 400 : 56),
    )
  }
  const sheet = container.querySelector('.bottom-sheet')
  if (sheet)
    Object.defineProperties(sheet, { offsetTop: { value: covers['bottom-sheet'] }, offsetLeft: { value: 0, writable: true } })
  return container.querySelector('.canvas') as HTMLElement
}

it('is the whole canvas while nothing covers it', () => {
  expect(heightInSight(canvas({}), false)).toBe(400)
  cleanup()
  expect(heightAboveCard(canvas({ toast: 380 }))).toBe(400)
})

it('ends above the card, and above the messages over it', () => {
  expect(heightInSight(canvas({ 'selection-bar': 436 }), false)).toBe(336)
  cleanup()
  const frame = canvas({ 'selection-bar': 436, toast: 384 })
  expect(heightInSight(frame, false)).toBe(284)
  expect(heightAboveCard(frame)).toBe(336)
  frame.ownerDocument.querySelector('.toast')?.toggleAttribute('data-limited', true)
  expect(heightInSight(frame, false)).toBe(336)
})

it('ends above an open sheet, not above one that is leaving', () => {
  const frame = canvas({ 'bottom-sheet': 250, 'selection-bar': 436 })
  expect(heightInSight(frame, true)).toBe(150)
  expect(heightInSight(frame, false)).toBe(336)
})

it('ends beside a panel at the right edge', () => {
  const frame = canvas({ 'bottom-sheet': 100 })
  Object.assign(document.querySelector('.bottom-sheet') as HTMLElement, { offsetLeft: 220 })
  expect(sizeInSight(frame, true)).toEqual({ width: 220, height: 400 })
})
