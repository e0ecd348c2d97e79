/** Which blocks the palette shows, in which groups; what was used last is remembered on this phone. */

import { type BlockKind, blockKinds, kindNames } from '../document/catalogue'
import { persisted } from '../lib/persisted'

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

const MAX_REMEMBERED = 4

const usedTypes = persisted('model-studio-used-blocks', (stored) =>
  Array.isArray(stored) ? stored.filter((type) => typeof type === 'string') : [],
)

/** The types used last, the newest first. */
export const usedLast = (): string[] => usedTypes.read()

export function noteUsed(type: string): void {
  usedTypes.write([type, ...usedLast().filter((other) => other !== type)].slice(0, MAX_REMEMBERED))
}

/** The groups with what was used last in front; a block stands in one place only. */
export function withUsedLast(groups: Group[], used: readonly string[]): Group[] {
  const all = groups.flatMap(({ blocks }) => blocks)
  const recent = used.flatMap((type) => all.filter((block) => block.type === type))
  if (recent.length === 0) return groups
  const rest = groups.map((group) => ({ ...group, blocks: group.blocks.filter((block) => !recent.includes(block)) }))
  return [{ title: 'used last', blocks: recent }, ...rest.filter(({ blocks }) => blocks.length > 0)]
}
