/** What buttons and keys do: each turns a wish into one command and says what became of it. */

import * as commands from '../document/commands'
import { insertCandidates } from '../document/insert'
import { inputsOf } from '../document/order'
import { findComponent } from '../document/steps'
import { commit, documentStore, select } from '../document/store'
import type { Fix, ModelArchitecture } from '../generated/wire'
import { canConnect, pythonState } from '../python/client'
import { bestChange } from '../validate/verdict'
import { currentRoute, goTo } from './router'
import { closeSheet, openSheet, toast, uiStore } from './ui'

const current = (): ModelArchitecture | null => documentStore.getState().design

/** Add a block where it leaves the fewest problems, near the selected component where there is one. */
export async function addBlock(type: string, after: string | null, props = {}): Promise<void> {
  const design = current()
  if (!design) return
  const id = commands.newComponentId(design)
  const best = await bestChange(insertCandidates(design, { id, type, props }, after))
  if (current() !== design) return addBlock(type, after, props)
  commit(best)
  toast(best.said)
}

/** Put a copy after the original; its sheet opens in the place of the original's. */
export async function duplicateBlock(id: string): Promise<void> {
  const component = current() && findComponent(current() as ModelArchitecture, id)
  if (!component) return
  closeSheet()
  await addBlock(component.type, id, component.props)
}

export function deleteSelected(): void {
  const { design, selection } = documentStore.getState()
  const { wire } = uiStore.getState()
  if (!design) return
  if (wire) removeWire(wire[0], wire[1])
  if (wire || selection.length === 0) return
  closeSheet()
  const done = commands.removeComponents(design, { ids: selection })
  commit(done)
  toast(done.said)
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
  const refused = await whyNot(design, source, target)
  if (refused) {
    toast(refused, 'bad')
    return false
  }
  const now = current()
  if (!now) return false
  const done = commands.connect(now, { source, target })
  commit(done)
  toast(done.said)
  return true
}

/** The reason an edge may not be drawn, or undefined; a full target is asked without the wire that would make way. */
export async function whyNot(design: ModelArchitecture, source: string, target: string): Promise<string | undefined> {
  if (source === target) return 'A block cannot feed itself'
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
  toast(done.said)
}

export function startConnecting(id: string): void {
  closeSheet()
  uiStore.setState({ connecting: id, wire: null, tab: 'canvas' })
}

/** Select a component and show it where it stands in the drawing. */
export function showBlock(id: string): void {
  const design = current()
  if (!design) return
  closeSheet()
  select([id])
  if (currentRoute().screen !== 'design') goTo({ screen: 'design', id: design.id })
}

/** Select a component and open its sheet. */
export function editBlock(id: string, part?: 'connect'): void {
  select([id])
  openSheet({ name: 'block', id, ...(part ? { part } : {}) })
}
