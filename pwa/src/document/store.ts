/** The open design and its command log: one store; all edits (tap, drag, keyboard, list) go through `commit`. */

import { createStore } from 'zustand/vanilla'
import type { ModelArchitecture } from '../generated/wire'
import type { Change } from './commands'
import { applyEdits, type Edit, findComponent } from './edits'
import { aroundOf, bodyOf, holds, insideOf, levelOf } from './inside'

interface Entry {
  inverse: Edit[]
  summary: string
  merge?: string
  /** the container that was open then: undo and redo show where they act */
  inside: string | null
}

interface DocumentState {
  design: ModelArchitecture | null
  /** the open container; null is the top level of the design */
  inside: string | null
  /** ids of the selected components */
  selection: string[]
  past: Entry[]
  future: Entry[]
  /** the key that the newest entry still takes changes under; undefined once something else happened */
  merging: string | undefined
  /** grows with every change made here, so that a late answer can tell it is late */
  edits: number
  /** what was last done, for the live region */
  summary: string
}

const MAX_ENTRIES = 300

const fresh = (design: ModelArchitecture | null): DocumentState => ({
  design,
  inside: null,
  selection: [],
  past: [],
  future: [],
  merging: undefined,
  edits: 0,
  summary: '',
})

export const documentStore = createStore<DocumentState>(() => fresh(null))

/** The logs of designs that were open before, so that undo survives a look at the list. */
const logs = new Map<string, Pick<DocumentState, 'past' | 'future'>>()
const MAX_LOGS = 8

/** Show another design, or none; a design that was open before gets its log back. */
export function openDocument(design: ModelArchitecture | null): void {
  const { design: before, past, future } = documentStore.getState()
  if (before) keepLog(before.id, { past, future })
  documentStore.setState({ ...fresh(design), ...(design ? logs.get(design.id) : undefined) }, true)
}

function keepLog(id: string, log: Pick<DocumentState, 'past' | 'future'>): void {
  logs.delete(id)
  logs.set(id, log)
  const oldest = logs.keys().next().value
  if (logs.size > MAX_LOGS && oldest !== undefined) logs.delete(oldest)
}

/** The open document if it is still this design; used after an async call. */
export function documentOf(designId: string): ModelArchitecture | null {
  const { design } = documentStore.getState()
  return design?.id === designId ? design : null
}

/** Forget every design and every log (tests). */
export function resetDocuments(): void {
  documentStore.setState(fresh(null), true)
  logs.clear()
}

/** Do a change: one undo step, or part of the last one when both carry the same merge key. */
export function commit(change: Change): void {
  const state = documentStore.getState()
  if (change.inverse.length === 0) {
    documentStore.setState({ summary: change.summary, ...(change.select ? { selection: change.select } : {}) })
    return
  }
  const merges = change.merge !== undefined && change.merge === state.merging
  const entry: Entry = { inverse: change.inverse, summary: change.summary, merge: change.merge, inside: state.inside }
  documentStore.setState({
    design: change.design,
    inside: placeToShow(change, state),
    selection: existing(change.design, change.select ?? state.selection),
    past: merges ? state.past : [...state.past, entry].slice(-MAX_ENTRIES),
    future: [],
    merging: change.merge,
    edits: state.edits + 1,
    summary: change.summary,
  })
}

/** End a run of merged changes: what comes next is an undo step of its own. */
export function endMerge(): void {
  documentStore.setState({ merging: undefined })
}

export const undo = (): void => applyEntry('past', 'future', 'Undid')

export const redo = (): void => applyEntry('future', 'past', 'Redid')

/** Apply the newest log entry that still has an effect, and move it to the other side of the log (undo and redo). */
function applyEntry(from: 'past' | 'future', to: 'past' | 'future', verb: string): void {
  const state = documentStore.getState()
  if (!state.design) return
  const left = [...state[from]]
  for (let entry = left.pop(); entry; entry = left.pop()) {
    const { design, inverse } = applyEdits(state.design, entry.inverse)
    if (inverse.length === 0) continue
    const summary = `${verb}: ${entry.summary}`
    const inside = stillOpen(design, entry.inside === null || opens(design, entry.inside) ? entry : state, state)
    documentStore.setState({
      design,
      inside,
      selection: inside === state.inside ? existing(design, state.selection) : [],
      [from]: left,
      [to]: [...state[to], { inverse, summary: entry.summary, inside: entry.inside }],
      merging: undefined,
      edits: state.edits + 1,
      summary,
    })
    return
  }
  documentStore.setState({ [from]: [], merging: undefined })
}

/** Replace the open design with the version from sync; selection and undo history stay valid, because edits refer to ids. */
export function replaceDocument(design: ModelArchitecture): void {
  const state = documentStore.getState()
  if (state.design?.id !== design.id) return
  documentStore.setState({ design, inside: stillOpen(design, state), selection: existing(design, state.selection) })
}

/** Open a container, or the top level of the design; what lies elsewhere is no longer selected. */
export function enter(container: string | null): void {
  const { design, inside } = documentStore.getState()
  const next = container !== null && design && opens(design, container) ? container : null
  if (next === inside) return
  documentStore.setState({ inside: next, selection: [], merging: undefined })
}

const opens = (design: ModelArchitecture, id: string): boolean => {
  const component = findComponent(design, id)
  return component !== undefined && holds(component)
}

/** The open container if it is still there, else the nearest that was around it. */
function stillOpen(
  design: ModelArchitecture,
  { inside }: Pick<DocumentState, 'inside'>,
  before = documentStore.getState(),
): string | null {
  if (inside === null || opens(design, inside)) return inside
  const around = before.design ? aroundOf(before.design, inside) : []
  return around.findLast(({ id }) => opens(design, id))?.id ?? null
}

/** Where the components that a change selects lie; otherwise where one was. */
function placeToShow({ design, select }: Change, state: DocumentState): string | null {
  const inside = stillOpen(design, state)
  const shown = select?.[0] === undefined ? undefined : findComponent(design, select[0])
  return shown && insideOf(shown) !== bodyOf(design, inside) ? insideOf(shown) : inside
}

/** The place whose content is on the screen: the open container, or what it is linked to. */
export const openBody = ({ design, inside }: Pick<DocumentState, 'design' | 'inside'>): string | null =>
  design ? bodyOf(design, inside) : null

/** The part of the design that is on the screen; the same object for the same design and place. */
export const openLevel = (state: Pick<DocumentState, 'design' | 'inside'>): ModelArchitecture | null =>
  state.design && levelOf(state.design, openBody(state))

export function select(ids: string[]): void {
  const { selection, design } = documentStore.getState()
  const next = design ? existing(design, ids) : []
  if (next.length === selection.length && next.every((id, index) => id === selection[index])) return
  documentStore.setState({ selection: next, merging: undefined })
}

const existing = (design: ModelArchitecture, ids: string[]): string[] => {
  const kept = ids.filter((id) => findComponent(design, id))
  return kept.length === ids.length ? ids : kept
}
