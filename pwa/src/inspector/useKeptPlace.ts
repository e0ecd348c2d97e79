/** Keeps the place in a list whose order changes: what is looked at stays where it is on the screen, and keeps the focus. */

import { type RefObject, useEffect, useLayoutEffect, useRef } from 'react'

interface Place {
  key: string
  /** distance of the item from the top of the screen, in px */
  top: number
  focused: boolean
}

/**
 * Keep the place whenever `order` changes; items carry a `data-key`. The scrolling ancestor is `.sheet-body`.
 *
 * While `searching` the results begin at the top; afterwards the list is where it was before.
 */
export function useKeptPlace(list: RefObject<HTMLElement | null>, order: string, searching: boolean): void {
  const place = useRef<Place | undefined>(undefined)
  const last = useRef({ order, searching })
  /** where the list was scrolled to when the search began, in px */
  const browsed = useRef(0)

  useEffect(() => {
    // on the document, since the list is mounted after this component
    const note = () => {
      place.current = placeIn(list.current)
      if (!last.current.searching) browsed.current = scrollerOf(list)?.scrollTop ?? 0
    }
    document.addEventListener('scroll', note, { capture: true, passive: true })
    document.addEventListener('focusin', note)
    return () => {
      document.removeEventListener('scroll', note, { capture: true })
      document.removeEventListener('focusin', note)
    }
  }, [list])

  useLayoutEffect(() => {
    const before = last.current
    last.current = { order, searching }
    const scroller = scrollerOf(list)
    if (!scroller || order === before.order) return
    if (searching) scroller.scrollTop = 0
    else if (before.searching) scroller.scrollTop = browsed.current
    else if (place.current) restore(list.current, scroller, place.current)
    place.current = placeIn(list.current)
  }, [list, order, searching])
}

const scrollerOf = (list: RefObject<HTMLElement | null>): Element | null => list.current?.closest('.sheet-body') ?? null

const itemsIn = (list: HTMLElement): HTMLElement[] => [...list.querySelectorAll<HTMLElement>('[data-key]')]

/** The item that has the focus, else the first one that is in sight. */
function placeIn(list: HTMLElement | null): Place | undefined {
  if (!list) return undefined
  const items = itemsIn(list)
  const focused = items.find((item) => item.contains(document.activeElement))
  const edge = list.closest('.sheet-body')?.getBoundingClientRect().top ?? 0
  const item = focused ?? items.find((candidate) => candidate.getBoundingClientRect().bottom > edge)
  return item && { key: item.dataset.key as string, top: item.getBoundingClientRect().top, focused: item === focused }
}

function restore(list: HTMLElement | null, scroller: Element, { key, top, focused }: Place): void {
  const item = list && itemsIn(list).find(({ dataset }) => dataset.key === key)
  if (!item) return
  if (focused && !item.contains(document.activeElement)) item.querySelector<HTMLElement>('button')?.focus({ preventScroll: true })
  // a list at its top shows its new beginning, unless something in it has the focus
  if (focused || scroller.scrollTop > 0) scroller.scrollTop += item.getBoundingClientRect().top - top
}
