/** Conflicts as rows of a list, in plain words: one for each thing that two people changed, grouped by block. */

import type { Side } from '../document/conflict_choice'
import { findComponent, hasEdge } from '../document/edits'
import { PlaceWords } from '../document/place_words'
import { componentAt, placeOf, valueAt } from '../document/places'
import type { Component, ModelArchitecture } from '../generated/wire'
import type { DesignConflict } from '../storage/conflicts'
import { upperFirst } from '../ui/words'

export interface ConflictRow {
  key: string
  /** all are decided together: both coordinates of a position */
  conflicts: [DesignConflict, ...DesignConflict[]]
  /** the component that it is about, where the design has it */
  component: string | undefined
  /** "Heads of Attention 2" */
  title: string
  /** "You chose 2, Chrome on Android chose 8." */
  sentence: string
  /** "8 is used for now."; what was chosen, where somebody has */
  state: string
  resolved: boolean
  /** what it is after a choice: "8", "removed" */
  after: Record<Side, string>
}

/** The rows of one block under its name; those of the design itself have no component. */
export interface ConflictGroup {
  name: string
  component: string | undefined
  rows: ConflictRow[]
}

/** Group conflicts by what they are about: values first, then blocks, then wires. */
export function conflictGroups(conflicts: readonly DesignConflict[], design: ModelArchitecture): ConflictGroup[] {
  const known = conflicts.flatMap(({ base, mine, theirs }) => [mine, theirs, base].filter(isComponent))
  const words = new PlaceWords([design], known)
  const rows = new Map<string, ConflictRow>()
  for (const conflict of [...conflicts].sort((a, b) => rankOf(a) - rankOf(b))) {
    const removal = conflicts.find((other) => isBridgeOf(conflict, other, design))
    const key = keyOf(removal ?? conflict)
    const row = rows.get(key)
    if (row) row.conflicts.push(conflict)
    else rows.set(key, rowOf(key, conflict, words, design))
  }
  const groups = new Map<string, ConflictGroup>()
  for (const row of rows.values()) {
    const id = componentAt(placeOf(row.conflicts[0].path))
    const group = groups.get(id ?? '') ?? { name: id === undefined ? '' : words.name(id), component: row.component, rows: [] }
    group.rows.push(row)
    groups.set(id ?? '', group)
  }
  return [...groups.values()]
}

const RANKS = ['component', 'inputs']
const rankOf = ({ path }: DesignConflict): number => RANKS.indexOf(placeOf(path)?.of ?? '')

/** The ends of the wire that a conflict is about, where one side has the wire and the other has not. */
function wireOf({ path, mine, theirs }: DesignConflict): [string, string] | undefined {
  const value = mine ?? theirs
  if (placeOf(path)?.of !== 'inputs' || (mine !== null && theirs !== null) || !Array.isArray(value)) return undefined
  return [String(value[0]), path.split('/')[2] ?? '']
}

/** Whether a wire only closes the gap that the removal of a block would leave: it is decided with the block. */
function isBridgeOf(wire: DesignConflict, removal: DesignConflict, design: ModelArchitecture): boolean {
  const ends = wireOf(wire)
  const place = placeOf(removal.path)
  if (!ends || place?.of !== 'component' || wire.createdAt !== removal.createdAt || wire.resolved !== removal.resolved)
    return false
  const isOfSameSide = (wire.mine === null) !== (removal.mine === null) && (wire.theirs === null) !== (removal.theirs === null)
  const { id } = place
  return isOfSameSide && design.edges.some(([from, to]) => (from === ends[0] && to === id) || (from === id && to === ends[1]))
}

/** The two coordinates of a position, of the same call and decided alike, are one row. */
const keyOf = ({ id, path, createdAt, resolved }: DesignConflict): string =>
  isPosition(path) ? `${path.replace(/[xy]$/, '')} ${createdAt} ${resolved ?? ''}` : id

const isPosition = (path: string): boolean => /^\/components\/[^/]+\/[xy]$/.test(path)

function rowOf(key: string, conflict: DesignConflict, words: PlaceWords, design: ModelArchitecture): ConflictRow {
  const { path, otherDevice } = conflict
  const other = otherDevice || 'the other device'
  const id = componentAt(placeOf(path))
  return {
    key,
    conflicts: [conflict],
    component: id !== undefined && findComponent(design, id) ? id : undefined,
    title: titleOf(conflict, words, design),
    sentence: sentenceOf(conflict, other, words),
    state: upperFirst(conflict.resolved ? chosenWords(conflict, conflict.resolved, words) : standing(conflict, words, design)),
    resolved: conflict.resolved !== undefined,
    after: { mine: afterWords(conflict, 'mine', words), theirs: afterWords(conflict, 'theirs', words) },
  }
}

function afterWords(conflict: DesignConflict, side: Side, words: PlaceWords): string {
  if (isPosition(conflict.path)) return side === 'mine' ? 'your place' : 'the other place'
  if (wireOf(conflict)) return conflict[side] === null ? 'left out' : 'drawn'
  return words.value(conflict.path, conflict[side])
}

function titleOf(conflict: DesignConflict, words: PlaceWords, design: ModelArchitecture): string {
  const wire = wireOf(conflict)
  if (wire) return `Connection from ${words.name(wire[0])} to ${words.name(wire[1])}`
  return conflict.path === '' ? `The design “${nameOf(conflict, design)}”` : words.place(conflict.path)
}

const nameOf = ({ mine, theirs }: DesignConflict, design: ModelArchitecture): string =>
  [mine, theirs].find((name): name is string => typeof name === 'string') ?? design.name

function sentenceOf(conflict: DesignConflict, other: string, words: PlaceWords): string {
  const { path, mine, theirs } = conflict
  if (wireOf(conflict)) return mine === null ? `You do not have it, ${other} drew it.` : `You drew it, ${other} does not have it.`
  if (isPosition(path)) return `You moved it to one place, ${other} to another.`
  const whole = path === '' || placeOf(path)?.of === 'component'
  if (whole && mine === null) return `You removed it, ${other} changed it.`
  if (whole && theirs === null) return `You changed it, ${other} removed it.`
  if (whole) return `You and ${other} both added it.`
  return `You chose ${words.value(path, mine)}, ${other} chose ${words.value(path, theirs)}.`
}

/** What stands until somebody chooses. */
function standing(conflict: DesignConflict, words: PlaceWords, design: ModelArchitecture): string {
  const { path } = conflict
  const place = placeOf(path)
  const wire = wireOf(conflict)
  if (wire) return hasEdge(design, ...wire) ? 'It is there for now.' : 'It is left out for now.'
  if (!place || isPosition(path)) return ''
  if (place.of === 'design') return 'It is kept for now.'
  const now = valueAt(design, place)
  if (place.of === 'component') return now ? 'It is kept for now.' : 'It stays removed for now.'
  return 'id' in place && !findComponent(design, place.id) ? 'The block is gone.' : `${words.value(path, now)} is used for now.`
}

/** "Decided: 8 (by Chrome on Android)": no sentence about who chose, which would contradict the one about both sides. */
function chosenWords(conflict: DesignConflict, side: Side, words: PlaceWords): string {
  return `Decided: ${decisionOf(conflict, side, words)} (by ${conflict.resolvedBy || 'you'})`
}

function decisionOf(conflict: DesignConflict, side: Side, words: PlaceWords): string {
  const { path } = conflict
  const isWhole = path === '' || placeOf(path)?.of === 'component'
  if (isWhole && !wireOf(conflict)) return conflict[side] === null ? 'removed' : 'kept'
  return afterWords(conflict, side, words)
}

const isComponent = (value: unknown): value is Component =>
  typeof value === 'object' && value !== null && 'type' in value && 'props' in value
