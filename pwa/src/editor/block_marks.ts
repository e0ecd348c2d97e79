/** What the verdict says of each block, for its face: its first problem, its first hint, and how many lie inside a container. */

import { aroundOf } from '../document/inside'
import type { Problem, ValidationResult } from '../generated/wire'
import { plural } from '../ui/numbers'
import type { ValidationState } from './validation'

export interface Mark {
  problem?: string
  hint?: string
}

const none: ReadonlyMap<string, Mark> = new Map()
const known = new WeakMap<ValidationResult, ReadonlyMap<string, Mark>>()

/** The marks of a verdict by component id; the same object for the same verdict. */
export function marksOf({ verdict, of }: Pick<ValidationState, 'verdict' | 'of'>): ReadonlyMap<string, Mark> {
  if (!verdict) return none
  const found = known.get(verdict) ?? collect(verdict, of)
  known.set(verdict, found)
  return found
}

function collect(verdict: ValidationResult, of: ValidationState['of']): ReadonlyMap<string, Mark> {
  const marks = new Map<string, Mark>()
  note(marks, 'problem', verdict.problems, of)
  note(marks, 'hint', verdict.warnings ?? [], of)
  return marks
}

function note(marks: Map<string, Mark>, key: keyof Mark, told: Problem[], of: ValidationState['of']): void {
  const inner = new Map<string, number>()
  for (const { component_id: id, message } of told) {
    if (id === null) continue
    marks.set(id, { [key]: message, ...marks.get(id) })
    for (const around of of ? aroundOf(of, id) : []) inner.set(around.id, (inner.get(around.id) ?? 0) + 1)
  }
  for (const [id, count] of inner) marks.set(id, { [key]: `${plural(count, key)} inside`, ...marks.get(id) })
}
