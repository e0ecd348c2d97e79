/** Content that changes with every frame, written directly into elements that React leaves as they are. */

import { type RefObject, useLayoutEffect, useMemo, useRef } from 'react'

/** Writes one value into each child of an element: only where it differs from the one before. */
export interface Writer<Value> {
  parent: RefObject<HTMLDivElement | null>
  show(values: readonly Value[]): void
}

type Write<Value> = (child: HTMLElement, value: Value, place: number) => void

/** A writer for the element that gets `parent` as its ref. Values are compared by identity, so they are numbers or texts. */
export function useWriter<Value extends string | number>(write: Write<Value>): Writer<Value> {
  const parent = useRef<HTMLDivElement>(null)
  return useMemo(() => {
    let shown: readonly Value[] = []
    let written: HTMLElement | null = null
    const show = (values: readonly Value[]) => {
      const element = parent.current
      if (!element || (values === shown && element === written)) return
      if (element !== written) shown = []
      for (const [place, value] of values.entries()) {
        const child = element.children[place]
        if (child && value !== shown[place]) write(child as HTMLElement, value, place)
      }
      shown = values
      written = element
    }
    return { parent, show }
  }, [write])
}

/** A ref for an element whose children show these values. */
export function useWrites<Value extends string | number>(
  values: readonly Value[],
  write: Write<Value>,
): RefObject<HTMLDivElement | null> {
  const { parent, show } = useWriter(write)
  useLayoutEffect(() => show(values))
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
