/** Which designs the list shows for a search, and in which order. */

import { persisted } from '../lib/persisted'
import type { RunSummary } from '../runs/run_cache'
import type { StoredDesign } from '../storage/designs'
import { compareNames } from '../ui/locale'

export const SORTS = { changed: 'Last changed', name: 'Name', score: 'Best score' } as const

export type Sort = keyof typeof SORTS

/** The order that the person chose last. */
export const chosenSort = persisted(
  'model-studio-sort',
  (stored): Sort => (typeof stored === 'string' && stored in SORTS ? (stored as Sort) : 'changed'),
)

type Scores = Readonly<Record<string, Pick<RunSummary, 'best'> | undefined>>

/** The designs whose name has every word of the query, in the order asked for; `designs` come with the newest change first. */
export function found(designs: readonly StoredDesign[], query: string, sort: Sort, runs: Scores): readonly StoredDesign[] {
  const words = folded(query).split(/\s+/).filter(Boolean)
  const matching =
    words.length === 0 ? designs : designs.filter(({ work }) => words.every((word) => folded(work.name).includes(word)))
  if (sort === 'changed') return matching
  if (sort === 'name') return [...matching].sort((a, b) => compareNames(a.work.name, b.work.name))
  const scoreOf = ({ id }: StoredDesign): number => runs[id]?.best ?? Number.NEGATIVE_INFINITY
  // the same as by change where there is no score: sorting keeps the order of equals
  return [...matching].sort((a, b) => (scoreOf(a) === scoreOf(b) ? 0 : scoreOf(b) - scoreOf(a)))
}

/** Without capitals and accents, so that "cafe" finds "Café". */
const folded = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
