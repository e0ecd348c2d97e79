/** What components are called on the screen: their own name, or the title of the block, numbered where several have it (`shared_py/naming.py`). */

import type { ModelArchitecture } from '../generated/wire'
import { blockOf } from './catalogue'

const known = new WeakMap<ModelArchitecture, ReadonlyMap<string, string>>()

/** The name of every component by id; the same map for the same design. */
export function namesOf(design: ModelArchitecture): ReadonlyMap<string, string> {
  const found = known.get(design) ?? collect(design)
  known.set(design, found)
  return found
}

/** The name of one component; its id where it is not in the design. */
export const nameIn = (design: ModelArchitecture, id: string): string => namesOf(design).get(id) ?? id

function collect({ components }: ModelArchitecture): ReadonlyMap<string, string> {
  const counts = new Map<string, number>()
  for (const { type } of components) counts.set(type, (counts.get(type) ?? 0) + 1)
  const used = new Map<string, number>()
  const names = new Map<string, string>()
  for (const { id, type, name } of [...components].sort((a, b) => naturally(a.id, b.id))) {
    const title = blockOf(type)?.title
    const number = (used.get(type) ?? 0) + 1
    used.set(type, number)
    const counted = title === undefined ? `Component ${id}` : (counts.get(type) ?? 0) > 1 ? `${title} ${number}` : title
    names.set(id, name ?? counted)
  }
  return names
}

/** Order ids so that c2 comes before c10. */
function naturally(one: string, other: string): number {
  const [a, b] = [keyOf(one), keyOf(other)]
  return a < b ? -1 : a > b ? 1 : 0
}

/** Each number is written behind how many digits it has, as in `natural_key` of `shared_py/graph.py`. */
const keyOf = (id: string): string =>
  `${id.replace(/\d+/g, (digits) => {
    const number = digits.replace(/^0+/, '')
    return `${String(number.length).padStart(2, '0')}${number}`
  })}\0${id}`
