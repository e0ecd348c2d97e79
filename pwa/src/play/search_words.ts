/** Words for search at play; a score or a move that came by search is never shown without them. */

import type { SearchDepth } from '../player/types'

/** The choices of how far ahead the network looks. */
export const SEARCH_WORDS: Record<SearchDepth, string> = { 0: 'none', 1: '1 move ahead', 2: '2 moves ahead' }

/** "with search, 2 moves ahead"; null without search, "partly with search" where the moves were chosen in different ways. */
export function searchLabel(depths: readonly SearchDepth[]): string | null {
  const [first = 0, ...others] = depths
  if (others.length > 0) return 'partly with search'
  return first > 0 ? `with search, ${SEARCH_WORDS[first]}` : null
}

/** A text with the label after it, where there is one. */
export const labelled = (text: string, label: string | null): string => (label ? `${text}, ${label}` : text)

/** Where the best score of a design's networks is kept: games with search are compared with each other alone. */
export const bestKey = (designId: string, label: string | null): string => (label ? `${designId}/search` : designId)
