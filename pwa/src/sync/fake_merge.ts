/** The merge of the server in memory: components as a whole, and the name. */
import type { Component, Conflict, ModelArchitecture } from '../generated/wire'

export const text = (value: unknown): string => JSON.stringify(value)

/** Merge the changes of both sides since `base`; where both changed one thing, `mine` is kept. */
export function merged(
  base: ModelArchitecture | null,
  mine: ModelArchitecture,
  theirs: ModelArchitecture,
): { document: ModelArchitecture; conflicts: Conflict[] } {
  const conflicts: Conflict[] = []
  const choose = <T>(path: string, old: T, my: T, their: T): T => {
    if (text(my) === text(their) || text(their) === text(old)) return my
    if (text(my) === text(old)) return their
    const kept = my === undefined ? 'theirs' : 'mine'
    conflicts.push({ path, base: old ?? null, mine: my ?? null, theirs: their ?? null, kept })
    return kept === 'mine' ? my : their
  }
  const at = (design: ModelArchitecture | null, id: string): Component | undefined =>
    design?.components.find((one) => one.id === id)
  const ids = [...new Set([...theirs.components, ...mine.components].map((one) => one.id))].sort()
  const components = ids.flatMap((id) => choose(`/components/${id}`, at(base, id), at(mine, id), at(theirs, id)) ?? [])
  const name = choose('/name', base?.name, mine.name, theirs.name) ?? ''
  return { document: { ...theirs, components, name }, conflicts }
}

/** The same conflict as the other side sees it. */
export const turned = (conflict: Conflict): Conflict => ({
  ...conflict,
  mine: conflict.theirs,
  theirs: conflict.mine,
  kept: conflict.kept === 'mine' ? 'theirs' : 'mine',
})
