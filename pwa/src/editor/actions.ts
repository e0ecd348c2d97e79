/** What buttons and keys do: each makes one command of it and shows a message of what was done. */

import * as commands from '../document/commands'
import { groupInto, link, ungroup } from '../document/contain'
import type { Wish } from '../document/insert'
import { definitionOf, holds, insideOf } from '../document/inside'
import { type Content, copyContent } from '../document/linked'
import { nameIn } from '../document/names'
import { inputsOf } from '../document/order'
import { findComponent } from '../document/steps'
import { commit, documentOf, documentStore, openBody, select, undo } from '../document/store'
import type { Fix, ModelArchitecture } from '../generated/wire'
import { canConnect, pythonState } from '../python/client'
import { exactly, plural } from '../ui/numbers'
import { closeToast, showToast } from '../ui/toasts'
import { goWhere } from './navigation'
import { closeSheet, openSheet, uiStore } from './ui_state'
import { insertBest, verdictNow, verdictSoon } from './validation'

const current = (): ModelArchitecture | null => documentStore.getState().design

/** Add a block where it leaves the fewest problems, near the selected component where there is one, else in the open place. */
export async function addBlock(type: string, after: string | null, before?: string): Promise<void> {
  await add(
    (design) => {
      const anchor = after ? findComponent(design, after) : undefined
      return { type, props: {}, inside: anchor ? insideOf(anchor) : openBody(documentStore.getState()) }
    },
    { near: after, target: before },
  )
}

interface Wanted {
  type: string
  props: Record<string, unknown>
  inside: string | null
  content?: (into: string) => Content
}

async function add(wanted: (design: ModelArchitecture) => Wanted | undefined, wish: Wish): Promise<void> {
  const design = current()
  const block = design && wanted(design)
  if (!design || !block) return
  const id = commands.newComponentId(design)
  const content = block.content?.(id)
  const { type, props, inside } = block
  const best = await insertBest(design, { id, type, props, inside, ...(content && { content }) }, wish)
  if (current() !== design) return documentOf(design.id) ? add(wanted, wish) : undefined
  commit(best)
  showToast(best.said)
}

/** Put a copy after the original, with a copy of all that lies in it; its sheet opens in the place of the original's. */
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

/** Put a block after the original that shares what lies in it, now and later. */
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

/** Let the next taps choose more blocks beside this one, to do something with all of them. */
export function startGathering(id: string): void {
  select([id])
  uiStore.setState({ sheet: null, gathering: true, connecting: null, wire: null, tab: 'canvas' })
}

/** Put blocks of one place into a new container of this type. */
export function wrap(ids: string[], type: string): void {
  const design = current()
  if (!design) return
  uiStore.setState({ sheet: null, gathering: false })
  void tell(groupInto(design, { ids, type, newId: commands.newComponentId(design) }))
}

/** Let what lies in a container take its place. */
export function unwrap(id: string): void {
  const design = current()
  if (!design) return
  closeSheet()
  void tell(ungroup(design, { id }))
}

/** Link a component to the one named, or with null give it content of its own. */
export function linkTo(id: string, field: string, to: string | null): void {
  const design = current()
  if (design) void tell(link(design, { id, field, to }))
}

/** Say what was done, and what that did to the size of the network where it did something: a repeat multiplies what is in it. */
async function tell(done: commands.Change): Promise<void> {
  const before = verdictNow()?.parameters
  commit(done)
  const after = (await verdictSoon())?.parameters
  if (!documentOf(done.design.id)) return
  const known = before !== undefined && after !== undefined && before !== after
  showToast(known ? `${done.said}: ${exactly(before)} → ${exactly(after)} parameters` : done.said)
}

export function deleteSelected(): void {
  const { design, selection } = documentStore.getState()
  const { wire } = uiStore.getState()
  if (!design) return
  if (wire) removeWire(wire[0], wire[1])
  if (wire || selection.length === 0) return
  uiStore.setState({ sheet: null, gathering: false })
  const [only] = selection
  const removed = only && selection.length === 1 ? nameIn(design, only) : plural(selection.length, 'block')
  commitWithUndo(commands.removeComponents(design, { ids: selection }), `delete ${removed}`)
}

/** Do a change and offer its undo in the message, for as long as it is the newest: later it would take back something else. */
function commitWithUndo(done: commands.Change, action: string): void {
  if (done.inverse.length === 0) return
  commit(done)
  const newest = documentStore.getState().past.at(-1)
  const stop = documentStore.subscribe(({ past }) => {
    if (past.at(-1) === newest) return
    stop()
    closeToast(toast)
  })
  const toast = showToast(done.said, { undo: { action, run: undo }, onClose: stop })
}

export function removeWire(source: string, target: string): void {
  const design = current()
  if (!design) return
  commit(commands.disconnect(design, { source, target }))
  uiStore.setState({ wire: null })
}

/** Draw an edge if the rules allow it; say why not otherwise. */
export async function connectBlocks(source: string, target: string): Promise<boolean> {
  const design = current()
  if (!design) return false
  const refused = await refusalReason(design, source, target)
  const now = documentOf(design.id)
  if (!now) return false
  if (refused) {
    showToast(refused, { tone: 'bad' })
    return false
  }
  const done = commands.connect(now, { source, target })
  commit(done)
  showToast(done.said)
  return true
}

/** The reason an edge may not be drawn, or undefined; a full target is asked without the wire that would make way. */
export async function refusalReason(design: ModelArchitecture, source: string, target: string): Promise<string | undefined> {
  if (source === target) return 'A block cannot feed itself'
  if (!commands.areConnected(design, source, target)) return commands.APART
  if (inputsOf(design, target).includes(source)) return 'These two are connected already'
  if (pythonState.getState().status !== 'ready') return undefined
  const old = commands.inputInTheWay(design, target)
  const cleared = old === undefined ? design : commands.disconnect(design, { source: old, target }).design
  try {
    const { ok, reason } = await canConnect(JSON.stringify(cleared), source, target)
    return ok ? undefined : (reason ?? 'These two do not fit')
  } catch {
    // Python did not answer: the edge is drawn and the verdict will speak of it
    return undefined
  }
}

export function mend(fix: Fix): void {
  const design = current()
  if (!design) return
  const done = commands.applyFix(design, { fix, newId: commands.newComponentId(design) })
  commit(done)
  showToast(done.said)
}

export function startConnecting(id: string): void {
  closeSheet()
  uiStore.setState({ connecting: id, wire: null, tab: 'canvas' })
}

/** Select a component and show it where it stands in the drawing, in whatever container it lies. */
export function showBlock(id: string): void {
  closeSheet()
  goWhere(id)
  select([id])
}

/** Select a component and open its sheet. */
export function editBlock(id: string, part?: 'connect'): void {
  select([id])
  openSheet({ name: 'block', id, ...(part ? { part } : {}) })
}
