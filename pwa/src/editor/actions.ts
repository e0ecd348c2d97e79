/** Actions of buttons and keys: each runs one command and reports the result in a toast. */

import * as commands from '../document/commands'
import { groupInto, link, ungroup } from '../document/contain'
import { edgeRefusal } from '../document/edge_rules'
import { findComponent } from '../document/edits'
import type { InsertAt } from '../document/insert'
import { definitionOf, holds, insideOf } from '../document/inside'
import { type Content, copyContent } from '../document/linked'
import { problemSentence } from '../document/messages'
import { nameIn } from '../document/names'
import { commit, documentOf, documentStore, openBody, select, undoNewest } from '../document/store'
import type { Fix, ModelArchitecture, Problem } from '../generated/wire'
import { canConnect, pythonState } from '../python/client'
import { vibrate } from '../ui/haptics'
import { exactly, plural } from '../ui/numbers'
import { closeToast, showToast } from '../ui/toasts'
import { goWhere } from './navigation'
import { closeSheet, openSheet, uiStore } from './ui_state'
import { commitInsertion, insertBest, resultNow, resultSoon } from './validation'

const current = (): ModelArchitecture | null => documentStore.getState().design

/** Add a block where it leaves the fewest problems, near the selected component if there is one, else in the open container. */
export async function addBlock(type: string, after: string | null, before?: string): Promise<void> {
  await add(
    (design) => {
      const anchor = after ? findComponent(design, after) : undefined
      return { type, props: {}, inside: anchor ? insideOf(anchor) : openBody(documentStore.getState()) }
    },
    { near: after, target: before },
  )
}

interface BlockToAdd {
  type: string
  props: Record<string, unknown>
  inside: string | null
  content?: (into: string) => Content
}

async function add(blockFor: (design: ModelArchitecture) => BlockToAdd | undefined, where: InsertAt): Promise<void> {
  const design = current()
  const block = design && blockFor(design)
  if (!design || !block) return
  const id = commands.newComponentId(design)
  const content = block.content?.(id)
  const { type, props, inside } = block
  const insertion = await insertBest(design, { id, type, props, inside, ...(content && { content }) }, where)
  if (current() !== design) return documentOf(design.id) ? add(blockFor, where) : undefined
  commitInsertion(insertion)
  vibrate('snap')
  reportEdit(insertion.change.summary)
}

/** Insert a copy after the original, with a copy of its content. */
export async function duplicateBlock(id: string): Promise<void> {
  closeSheet()
  await add(
    (design) => {
      const component = findComponent(design, id)
      if (!component) return undefined
      const { type, props } = component
      const content = (into: string) =>
        copyContent(design, id, into, (taken) => commands.newComponentId(design, undefined, taken))
      return { type, props, inside: insideOf(component), ...(holds(component) && { content }) }
    },
    { near: id },
  )
}

/** Insert a block after the original that shares its content, now and later. */
export async function duplicateLinked(id: string, field: string): Promise<void> {
  closeSheet()
  await add(
    (design) => {
      const component = findComponent(design, id)
      if (!component) return undefined
      const shared = definitionOf(design, component)?.id ?? id
      return { type: component.type, props: { ...component.props, [field]: shared }, inside: insideOf(component) }
    },
    { near: id },
  )
}

/** Delete one block and offer its undo. */
export function deleteBlock(id: string): void {
  uiStore.setState({ wire: null })
  select([id])
  deleteSelected()
}

/** Start a multi-selection: the next taps add blocks to this one. */
export function startSelecting(id: string): void {
  select([id])
  uiStore.setState({ sheet: null, selecting: true, connecting: null, menu: null, wire: null, tab: 'canvas' })
}

/** Group blocks of one container into a new one of this type. */
export function groupBlocks(ids: string[], type: string): void {
  const design = current()
  if (!design) return
  uiStore.setState({ sheet: null, selecting: false })
  void commitAndReport(groupInto(design, { ids, type, newId: commands.newComponentId(design) }))
}

/** Replace a container by its content. */
export function ungroupBlock(id: string): void {
  const design = current()
  if (!design) return
  closeSheet()
  void commitAndReport(ungroup(design, { id }))
}

/** Link a component to the one named, or with null unlink it. */
export function linkTo(id: string, field: string, to: string | null): void {
  const design = current()
  if (design) void commitAndReport(link(design, { id, field, to }))
}

/** Commit a change and report it, with the new size of the network where it changed: a repeat multiplies its content. */
async function commitAndReport(done: commands.Change): Promise<void> {
  const before = resultNow()?.parameters
  commit(done)
  const entry = newestEntry()
  const after = (await resultSoon())?.parameters
  if (!documentOf(done.design.id)) return
  const known = before !== undefined && after !== undefined && before !== after
  reportEdit(known ? `${done.summary}: ${exactly(before)} → ${exactly(after)} parameters` : done.summary, entry)
}

export function deleteSelected(): void {
  const { design, selection } = documentStore.getState()
  const { wire } = uiStore.getState()
  if (!design) return
  if (wire) removeWire(wire[0], wire[1])
  if (wire || selection.length === 0) return
  uiStore.setState({ sheet: null, selecting: false })
  const [only] = selection
  const removed = only && selection.length === 1 ? nameIn(design, only) : plural(selection.length, 'block')
  commitWithUndo(commands.removeComponents(design, { ids: selection }), `delete ${removed}`)
}

function commitWithUndo(done: commands.Change, action: string): void {
  if (done.inverse.length === 0) return
  commit(done)
  offerUndo(done.summary, action)
}

const newestEntry = () => documentStore.getState().past.at(-1)

/** Report an edit, the newest one unless another is named, until it is undone. */
export function reportEdit(summary: string, entry = newestEntry()): void {
  const isDone = () => entry === undefined || documentStore.getState().past.includes(entry)
  if (!isDone()) return
  const stop = documentStore.subscribe(() => {
    if (isDone()) return
    stop()
    closeToast(toast)
  })
  const toast = showToast(summary, { onClose: stop })
}

/** Report the newest edit and offer its undo, for as long as it is the newest: later that would take back something else. */
export function offerUndo(summary: string, action: string): void {
  const newest = newestEntry()
  const stop = documentStore.subscribe(({ past }) => {
    if (past.at(-1) === newest) return
    stop()
    closeToast(toast)
  })
  const toast = showToast(summary, { undo: { action, run: undoNewest }, onClose: stop })
}

export function removeWire(source: string, target: string): void {
  const design = current()
  if (!design) return
  commit(commands.disconnect(design, { source, target }))
  uiStore.setState({ wire: null })
}

/** Add an edge if it is allowed; otherwise show why not. */
export async function connectBlocks(source: string, target: string): Promise<boolean> {
  const design = current()
  if (!design) return false
  const refusal = await checkEdge(design, source, target)
  const now = documentOf(design.id)
  if (!now) return false
  if (refusal) {
    vibrate('refuse')
    showToast(problemSentence(refusal, now), { tone: 'bad' })
    return false
  }
  const replaces = commands.inputInTheWay(now, target) !== undefined
  const done = commands.connect(now, { source, target })
  commit(done)
  vibrate('connect')
  if (replaces && done.inverse.length > 0) offerUndo(done.summary, 'replace connection')
  else reportEdit(done.summary)
  return true
}

/** Why an edge may not be drawn, or undefined; a full target is checked without the edge that would be replaced. */
export async function checkEdge(design: ModelArchitecture, source: string, target: string): Promise<Problem | undefined> {
  const refusal = edgeRefusal(design, source, target)
  if (refusal || pythonState.getState().status !== 'ready') return refusal
  const old = commands.inputInTheWay(design, target)
  const cleared = old === undefined ? design : commands.disconnect(design, { source: old, target }).design
  try {
    const { problem } = await canConnect(JSON.stringify(cleared), source, target)
    return problem ?? undefined
  } catch {
    // Python did not answer: the edge is drawn, and validation will report what is wrong with it
    return undefined
  }
}

/** Call a block by a name; a blank one gives it back its own. */
export function nameBlock(id: string, name: string): void {
  const design = current()
  if (design) commit(commands.nameBlock(design, { id, name }))
}

export function applyFix(fix: Fix): void {
  const design = current()
  if (!design) return
  const done = commands.applyFix(design, { fix, newId: commands.newComponentId(design) })
  commit(done)
  reportEdit(done.summary)
}

export function startConnecting(id: string): void {
  closeSheet()
  uiStore.setState({ connecting: id, wire: null, tab: 'canvas' })
}

/** Select a component and show it on the canvas, in its container. */
export function showBlock(id: string): void {
  closeSheet()
  goWhere(id)
  select([id])
}

/** Select a component and open its sheet. */
export function editBlock(id: string, part?: 'connect' | 'name'): void {
  select([id])
  openSheet({ name: 'block', id, ...(part ? { part } : {}) })
}
