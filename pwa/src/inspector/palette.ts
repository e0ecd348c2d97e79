/** Which blocks the palette shows, in which order: what fits here first, or how well a block matches what was typed. */

import { type BlockKind, blockKinds } from '../document/catalogue'
import { keywordsOf } from '../document/keywords'

export interface Group {
  /** the words of its heading */
  title: string
  blocks: Shown[]
}

export interface Shown {
  block: BlockKind
  /** the keyword by which a search found it, where its title does not say why */
  keyword?: string
}

/** What is known of the place where the block will go. */
export interface Here {
  /** the types that fit; undefined while that is not known */
  fitting: ReadonlySet<string> | undefined
  /** whether the design has an input, so that a further one is seldom wanted */
  hasInput: boolean
}

/** What a search compares: small letters and digits, so that "layernorm" finds "Layer norm". */
const squeezed = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')

const byTitle = (a: BlockKind, b: BlockKind): number => (a.title.toLowerCase() < b.title.toLowerCase() ? -1 : 1)

/** Every block: those that fit, then the others, each by title; a further input stands last. */
export function groupsFor({ fitting, hasInput }: Here, kinds: readonly BlockKind[] = blockKinds): Group[] {
  const isLate = (block: BlockKind): number => Number(hasInput && block.max_inputs === 0)
  const sorted = [...kinds].sort((a, b) => isLate(a) - isLate(b) || byTitle(a, b))
  const shown = (blocks: BlockKind[]): Shown[] => blocks.map((block) => ({ block }))
  if (!fitting) return [{ title: 'all blocks', blocks: shown(sorted) }]
  const groups = [
    { title: 'fits here', blocks: shown(sorted.filter(({ type }) => fitting.has(type))) },
    { title: 'other blocks', blocks: shown(sorted.filter(({ type }) => !fitting.has(type))) },
  ]
  return groups.filter(({ blocks }) => blocks.length > 0)
}

/** The blocks that match every word typed: by title, then by keyword, then by description; among equals what fits here. */
export function searchFor(typed: string, { fitting }: Here, kinds: readonly BlockKind[] = blockKinds): Shown[] {
  const words = typed.split(/\s+/).map(squeezed).filter(Boolean)
  const whole = squeezed(typed)
  if (!whole) return []
  const found = kinds.flatMap((block) => {
    const matches = words.map((word) => matchOf(block, word))
    const match = better(matchOf(block, whole), matches.reduce(worse))
    return match.level < NONE ? [{ block, ...match }] : []
  })
  const fits = ({ type }: BlockKind): number => (fitting?.has(type) ? 0 : 1)
  found.sort((a, b) => a.level - b.level || fits(a.block) - fits(b.block) || byTitle(a.block, b.block))
  return found.map(({ block, keyword }) => (keyword === undefined ? { block } : { block, keyword }))
}

interface Match {
  level: number
  keyword?: string
}

const [TITLE_START, TITLE, KEYWORD, KEYWORD_START, KEYWORD_PART, DESCRIPTION, NONE] = [0, 1, 2, 3, 4, 5, 6] as const

const better = (a: Match, b: Match): Match => (a.level <= b.level ? a : b)
const worse = (a: Match, b: Match): Match => (a.level >= b.level ? a : b)

/** How well a block matches one word, already squeezed. */
function matchOf({ title, type, kind, summary }: BlockKind, word: string): Match {
  const name = squeezed(title)
  if (name.startsWith(word)) return { level: TITLE_START }
  if (name.includes(word)) return { level: TITLE }
  const tests: [number, (keyword: string) => boolean][] = [
    [KEYWORD, (keyword) => squeezed(keyword) === word],
    [KEYWORD_START, (keyword) => squeezed(keyword).startsWith(word)],
    [KEYWORD_PART, (keyword) => squeezed(keyword).includes(word)],
  ]
  for (const [level, matches] of tests) {
    const keyword = keywordsOf(type).find(matches)
    if (keyword !== undefined) return { level, keyword }
  }
  const description = `${type} ${kind} ${summary}`.split(/[\s_]+/).map(squeezed)
  return { level: description.some((part) => part.startsWith(word)) ? DESCRIPTION : NONE }
}

/** With so many blocks a list is worth a search. */
export const WORTH_A_SEARCH = 12
