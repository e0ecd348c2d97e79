/** The open design and its command log: one store; all edits (tap, drag, keyboard, list) go through `commit`. */

import { createStore } from 'zustand/vanilla'
import type { ModelArchitecture } from '../generated/wire'
import type { Change } from './commands'
import { findComponent } from './edits'
import { aroundOf, bodyOf, holds, insideOf, levelOf } from './inside'
import {
  type Contested,
  changesNothing,
  contestedParts,
  isOfValues,
  joinPatches,
  type Patch,
  patchBetween,
  revertPatch,
  withoutPaths,
} from './patch'

interface Entry {
  /** what the person changed: undo reverts this alone, whatever others changed since */
  patch: Patch
  summary: string
  /** the container that was open then: undo and redo show where they act */
  inside: string | null
}

export interface Log {
  past: Entry[]
  future: Entry[]
}

/** An undo or redo that waits for an answer, because it would take back what somebody else changed since. */
export interface Question {
  log: keyof Log
  contested: Contested[]
}

interface DocumentState extends Log {
  design: ModelArchitecture | null
  /** the open container; null is the top level of the design */
  inside: string | null
  /** ids of the selected components */
  selection: string[]
  question: Question | null
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
  question: null,
  merging: undefined,
  edits: 0,
  summary: '',
})

export const documentStore = createStore<DocumentState>(() => fresh(null))

/** The logs of designs that were open before, so that undo survives a look at the list. */
const logs = new Map<string, Log>()
const MAX_LOGS = 8

/** Show another design, or none; a design that was open before gets its log back. */
export function openDocument(design: ModelArchitecture | null): void {
  const { design: before, past, future } = documentStore.getState()
  if (before) keepLog(before.id, { past, future })
  documentStore.setState({ ...fresh(design), ...(design ? logs.get(design.id) : undefined) }, true)
}

function keepLog(id: string, log: Log): void {
  logs.delete(id)
  logs.set(id, log)
  const oldest = logs.keys().next().value
  if (logs.size > MAX_LOGS && oldest !== undefined) logs.delete(oldest)
}

/** The logs of all designs that were open, as plain JSON; for storage that survives a reload. */
export function exportLogs(): [string, Log][] {
  const { design, past, future } = documentStore.getState()
  if (design) keepLog(design.id, { past, future })
  return [...logs]
}

/** Whether this page has a log of a design. */
export const hasLog = (id: string): boolean => logs.has(id)

/** Put a stored log before what was done since its design was opened; undo is not offered for edits of which nothing is left. */
export function adoptLog(id: string, { past, future }: Log): void {
  const { design, past: since, future: undone } = documentStore.getState()
  if (design?.id !== id) return
  const isFresh = since.length + undone.length === 0
  documentStore.setState({
    past: isFresh ? withEffect(design, past) : [...past, ...since].slice(-MAX_ENTRIES),
    future: isFresh ? withEffect(design, future) : undone,
  })
}

function withEffect(design: ModelArchitecture, entries: readonly Entry[]): Entry[] {
  const last = entries.findLastIndex(
    ({ patch }) => contestedParts(design, patch).length > 0 || !changesNothing(patchBetween(design, revertPatch(design, patch))),
  )
  return entries.slice(0, last + 1)
}

/** Take over logs from before a reload. */
export function importLogs(stored: readonly [string, Log][]): void {
  for (const [id, log] of stored) keepLog(id, log)
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
  if (change.inverse.length > 0) record(change)
  else documentStore.setState({ summary: change.summary, ...(change.select ? { selection: change.select } : {}) })
}

/** Put another version of the open design in its place, as one undo step; false where it is the same. */
export function commitVersion(design: ModelArchitecture, summary: string): boolean {
  const before = documentStore.getState().design
  if (before?.id !== design.id || changesNothing(patchBetween(before, design))) return false
  record({ design, summary })
  return true
}

function record(change: Omit<Change, 'inverse'>): void {
  const state = documentStore.getState()
  const patch = patchBetween(state.design ?? change.design, change.design)
  documentStore.setState({
    design: change.design,
    inside: placeToShow(change, state),
    selection: existing(change.design, change.select ?? state.selection),
    past: withEntry(state, change, patch),
    future: [],
    question: null,
    merging: change.merge,
    edits: state.edits + 1,
    summary: change.summary,
  })
}

/** The log with a new entry, or with a longer newest one where both carry the same merge key. */
function withEntry({ past, merging, inside }: DocumentState, { merge, summary }: Omit<Change, 'inverse'>, patch: Patch): Entry[] {
  if (changesNothing(patch)) return past
  const newest = past.at(-1)
  const joined = newest && merge !== undefined && merge === merging ? joinPatches(newest.patch, patch) : undefined
  if (newest && joined) return [...past.slice(0, -1), { ...newest, patch: joined }]
  return [...past, { patch, summary, inside }].slice(-MAX_ENTRIES)
}

/** End a run of merged changes: what comes next is an undo step of its own. */
export function endMerge(): void {
  documentStore.setState({ merging: undefined })
}

export const undo = (): void => applyEntry('past')

export const redo = (): void => applyEntry('future')

/** Undo the newest edit, and no earlier one where a sync has left nothing of it. */
export const undoNewest = (): void => applyEntry('past', 1)

/**
 * Revert the newest log entry that still has an effect, and move it to the other side of the log (undo and redo).
 * Where that would take back what somebody else changed since, it asks first: see `answerQuestion`.
 */
function applyEntry(log: keyof Log, most = MAX_ENTRIES): void {
  const { design, ...state } = documentStore.getState()
  if (!design) return
  const left = [...state[log]]
  for (let entry = left.at(-1), tries = most; entry && tries > 0; entry = left.at(-1), tries--) {
    const contested = contestedParts(design, entry.patch)
    if (contested.length > 0) {
      documentStore.setState({ [log]: left, question: { log, contested }, merging: undefined })
      return
    }
    left.pop()
    if (revertEntry(log, left, entry)) return
  }
  documentStore.setState({ [log]: left, question: null, merging: undefined })
}

/** Revert one entry; false where that changes nothing, and then the log stays as it is. */
function revertEntry(log: keyof Log, left: Entry[], { patch, inside: place, summary: what }: Entry, force = false): boolean {
  const state = documentStore.getState()
  if (!state.design) return false
  const design = revertPatch(state.design, patch, { force })
  const done = patchBetween(state.design, design)
  if (changesNothing(done)) return false
  const other = log === 'past' ? 'future' : 'past'
  const inside = stillOpen(design, place === null || opens(design, place) ? { inside: place } : state, state)
  documentStore.setState({
    design,
    inside,
    selection: inside === state.inside ? existing(design, state.selection) : [],
    [log]: left,
    [other]: [...state[other], { patch: done, summary: what, inside: place }],
    question: null,
    merging: undefined,
    edits: state.edits + 1,
    summary: `${log === 'past' ? 'Undid' : 'Redid'}: ${what}`,
  })
  return true
}

/**
 * Answer the open question: revert the entry with what others changed since, or keep their values. An entry of several values
 * is then reverted but for those; any other is left as a whole, since half of it would be no drawing. Kept values are not asked about again.
 */
export function answerQuestion(answer: 'revert' | 'keep'): void {
  const { question, ...state } = documentStore.getState()
  if (!question) return
  const left = state[question.log].slice(0, -1)
  const entry = state[question.log].at(-1)
  const kept = new Set(question.contested.map(({ path }) => path))
  documentStore.setState({ question: null })
  if (entry && answer === 'revert' && revertEntry(question.log, left, entry, true)) return
  const remaining = answer === 'keep' ? left.map((one) => ({ ...one, patch: withoutPaths(one.patch, kept) })) : left
  const reverted =
    entry && isOfValues(entry.patch) && revertEntry(question.log, remaining, { ...entry, patch: withoutPaths(entry.patch, kept) })
  if (!reverted) documentStore.setState({ [question.log]: remaining, summary: 'Kept as it is' })
}

/** Close the question without an answer; the next undo asks again. */
export const closeQuestion = (): void => documentStore.setState({ question: null })

/** Replace the open design with the version from sync; selection and undo history stay valid, because edits refer to ids. */
export function replaceDocument(design: ModelArchitecture): void {
  const state = documentStore.getState()
  if (state.design?.id !== design.id) return
  documentStore.setState({
    design,
    inside: stillOpen(design, state),
    selection: existing(design, state.selection),
    question: stillAsked(design, state),
  })
}

/** The open question for another version of the design; none where nothing is contested any more. */
function stillAsked(design: ModelArchitecture, { question, ...state }: DocumentState): Question | null {
  const entry = question && state[question.log].at(-1)
  const contested = entry ? contestedParts(design, entry.patch) : []
  return question && contested.length > 0 ? { log: question.log, contested } : null
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
function placeToShow({ design, select }: Omit<Change, 'inverse'>, state: DocumentState): string | null {
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
