/** Which blocks the palette shows, in which groups; what was used last is remembered on this phone. */

import { type BlockKind, blockKinds, kindNames } from '../document/catalogue'

export interface Group {
  /** the words of its heading */
  title: string
  blocks: BlockKind[]
}

/** The blocks whose words match all that was typed, by kind in the order of the catalogue; each block once. */
export function groupsFor(typed: string, kinds: readonly BlockKind[] = blockKinds): Group[] {
  const wanted = typed.toLowerCase().split(/\s+/).filter(Boolean)
  const fitting = kinds.filter(({ type, title, kind, summary }) => {
    const words = `${title} ${type.replaceAll('_', ' ')} ${kind} ${summary}`.toLowerCase()
    return wanted.every((word) => words.includes(word))
  })
  const groups = [...new Set([...kindNames, ...fitting.map(({ kind }) => kind)])]
  return groups
    .map((kind) => ({ title: kind.replaceAll('_', ' '), blocks: fitting.filter((block) => block.kind === kind) }))
    .filter(({ blocks }) => blocks.length > 0)
}

/** With so many blocks a list is worth a search. */
export const WORTH_A_SEARCH = 12

const REMEMBERED = 'model-studio-used-blocks'
const MAX_REMEMBERED = 4

/** The types used last, the newest first. */
export function usedLast(): string[] {
  try {
    const told: unknown = JSON.parse(localStorage.getItem(REMEMBERED) ?? '[]')
    return Array.isArray(told) ? told.filter((type) => typeof type === 'string') : []
  } catch {
    return []
  }
}

export function noteUsed(type: string): void {
  try {
    const next = [type, ...usedLast().filter((other) => other !== type)].slice(0, MAX_REMEMBERED)
    localStorage.setItem(REMEMBERED, JSON.stringify(next))
  } catch {
    // a full or forbidden store costs only the short way
  }
}

/** The groups with what was used last in front; a block stands in one place only. */
export function withUsedLast(groups: Group[], used: readonly string[]): Group[] {
  const all = groups.flatMap(({ blocks }) => blocks)
  const recent = used.flatMap((type) => all.filter((block) => block.type === type))
  if (recent.length === 0) return groups
  const rest = groups.map((group) => ({ ...group, blocks: group.blocks.filter((block) => !recent.includes(block)) }))
  return [{ title: 'used last', blocks: recent }, ...rest.filter(({ blocks }) => blocks.length > 0)]
}
