/** Finds technical words in the text that the page shows: underlines them, and tells which one a tap is on. */

import { type Entry, type Found, findTerms } from './glossary'

/** Where a tap does something else, and where text is not prose. */
const NOT_HERE =
  'h1, button, a, label, input, select, textarea, summary, code, pre, svg, .react-flow, .sr-only, [role=button], [role=tab], ' +
  '[role=menuitem], [role=switch], [role=slider], [aria-hidden=true], [inert], [data-no-terms], .card-face, .size'
/** Within one of these a word is underlined once. */
const PART = '[role=dialog], main, body'
const HIGHLIGHT = 'glossary'
const FORCED = '(forced-colors: active)'
/** What a finger may miss a word by, in px. */
const MISS_PX = 8

interface Placed extends Found {
  node: Text
}

const isProse = (node: Text): boolean => node.data.trim() !== '' && !node.parentElement?.closest(NOT_HERE)

/** The technical words that are shown, those of `except` left out. */
function placedTerms(root: HTMLElement, except?: string): Placed[] {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
  const placed: Placed[] = []
  for (let node = walker.nextNode() as Text | null; node; node = walker.nextNode() as Text | null) {
    if (!isProse(node) || (except && node.parentElement?.closest(except))) continue
    const text = node
    placed.push(...findTerms(text.data).map((found) => ({ ...found, node: text })))
  }
  return placed
}

/** The entries for what the screen shows, each once, in the order in which they are met; without those of a part of it. */
export function entriesOnScreen(except: string): Entry[] {
  return [...new Set(placedTerms(document.body, except).map(({ entry }) => entry))]
}

/** Underline each word once in every part of the page; nothing happens in browsers that cannot. */
export function underline(): void {
  const highlights = globalThis.CSS?.highlights
  if (!highlights || typeof Highlight === 'undefined') return
  const seen = new Map<Element, Set<Entry>>()
  const ranges = placedTerms(document.body).filter(({ node, entry }) => {
    const part = node.parentElement?.closest(PART) ?? document.body
    const known = seen.get(part) ?? new Set()
    seen.set(part, known)
    return !known.has(entry) && known.add(entry)
  })
  highlights.set(HIGHLIGHT, new Highlight(...ranges.map(rangeOf)))
  markForcedColours(ranges)
}

/** With forced colours, mark the elements of the words: only the element keeps a highlight from looking like selected text. */
function markForcedColours(ranges: readonly Placed[]): void {
  for (const marked of document.querySelectorAll('[data-terms]')) marked.removeAttribute('data-terms')
  if (!window.matchMedia?.(FORCED).matches) return
  for (const { node } of ranges) node.parentElement?.setAttribute('data-terms', '')
}

function rangeOf({ node, start, end }: Placed): Range {
  const range = document.createRange()
  range.setStart(node, start)
  range.setEnd(node, end)
  return range
}

/** The entry of the word at a point of the screen, where a tap on this target does nothing else. */
export function entryAt(target: EventTarget | null, x: number, y: number): Entry | undefined {
  if (!(target instanceof Element) || target.closest(NOT_HERE)) return undefined
  for (const dy of [0, -MISS_PX, MISS_PX]) {
    const caret = caretAt(x, y + dy)
    if (!caret || !isProse(caret.node)) continue
    const found = findTerms(caret.node.data).find(({ start, end }) => start <= caret.offset && caret.offset <= end)
    if (found && isUnder(rangeOf({ ...found, node: caret.node }), x, y)) return found.entry
  }
  return undefined
}

function caretAt(x: number, y: number): { node: Text; offset: number } | undefined {
  // the older name is Safari's before 18.4
  const position = document.caretPositionFromPoint?.(x, y)
  const range = position ? undefined : document.caretRangeFromPoint?.(x, y)
  const node = position?.offsetNode ?? range?.startContainer
  const offset = position?.offset ?? range?.startOffset ?? 0
  return node instanceof Text ? { node, offset } : undefined
}

const isUnder = (range: Range, x: number, y: number): boolean =>
  [...range.getClientRects()].some(
    ({ left, right, top, bottom }) => x >= left - MISS_PX && x <= right + MISS_PX && y >= top - MISS_PX && y <= bottom + MISS_PX,
  )

const SETTLE_MS = 400

/** Keep the underlines in step with what is shown, a moment after it changes; returns how to stop. */
export function watchScreen(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  const later = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined
      underline()
    }, SETTLE_MS)
  }
  // the canvas changes with every frame, and has no prose
  const isElsewhere = ({ target }: MutationRecord): boolean =>
    !(target instanceof Element ? target : target.parentElement)?.closest('.react-flow')
  const forced = window.matchMedia?.(FORCED)
  forced?.addEventListener('change', later)
  const observer = new MutationObserver((records) => records.some(isElsewhere) && later())
  observer.observe(document.body, { childList: true, characterData: true, subtree: true })
  later()
  return () => {
    observer.disconnect()
    forced?.removeEventListener('change', later)
    clearTimeout(timer)
    globalThis.CSS?.highlights?.delete(HIGHLIGHT)
  }
}
