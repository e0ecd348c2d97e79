/** Annotations of each block on the canvas: its first problem, its first hint, and how many there are inside a container. */

import { aroundOf } from '../document/inside'
import { problemText } from '../document/messages'
import type { Problem, ValidationResult } from '../generated/wire'
import { plural } from '../ui/numbers'
import type { ValidationState } from './validation'

export interface Mark {
  problem?: string
  hint?: string
}

const none: ReadonlyMap<string, Mark> = new Map()
const known = new WeakMap<ValidationResult, ReadonlyMap<string, Mark>>()

/** The annotations of a validation by component id; the same object for the same result. */
export function marksOf({ result, forDesign }: Pick<ValidationState, 'result' | 'forDesign'>): ReadonlyMap<string, Mark> {
  if (!result) return none
  const found = known.get(result) ?? collect(result, forDesign)
  known.set(result, found)
  return found
}

function collect(result: ValidationResult, forDesign: ValidationState['forDesign']): ReadonlyMap<string, Mark> {
  const marks = new Map<string, Mark>()
  note(marks, 'problem', result.problems, forDesign)
  note(marks, 'hint', result.warnings ?? [], forDesign)
  return marks
}

function note(marks: Map<string, Mark>, key: keyof Mark, problems: Problem[], forDesign: ValidationState['forDesign']): void {
  const inner = new Map<string, number>()
  for (const problem of problems) {
    const id = problem.component_id
    if (id === null) continue
    marks.set(id, { [key]: problemText(problem), ...marks.get(id) })
    for (const around of forDesign ? aroundOf(forDesign, id) : []) inner.set(around.id, (inner.get(around.id) ?? 0) + 1)
  }
  for (const [id, count] of inner) marks.set(id, { [key]: `${plural(count, key)} inside`, ...marks.get(id) })
}
