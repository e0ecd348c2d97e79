/** Content that changes with every frame, written directly into elements that React leaves as they are. */

import { type RefObject, useLayoutEffect, useRef } from 'react'

type Write<Value> = (child: HTMLElement, value: Value, place: number) => void

/**
 * A ref for an element whose children show these values; a child is updated only when its value has changed. Values are compared
 * by identity, so they must be numbers or texts.
 */
export function useWrites<Value extends string | number>(
  values: readonly Value[],
  write: Write<Value>,
): RefObject<HTMLDivElement | null> {
  const parent = useRef<HTMLDivElement>(null)
  const written = useRef<{ element: HTMLElement; values: readonly Value[] }>(null)
  useLayoutEffect(() => {
    const element = parent.current
    if (!element) return
    const before = written.current?.element === element ? written.current.values : []
    if (values === before) return
    for (const [place, value] of values.entries()) {
      const child = element.children[place]
      if (child && value !== before[place]) write(child as HTMLElement, value, place)
    }
    written.current = { element, values }
  })
  return parent
}

/**
 * Change the text of an element that has one: another text node in its place would be laid out anew, and would make the browser
 * look at every `:has()` of the app.
 */
export function writeText(element: Element | null | undefined, text: string): void {
  const node = element?.firstChild
  if (node instanceof Text) node.data = text
}

/** What such an element has before the first text is written. */
export const NO_TEXT = '\u00a0'
