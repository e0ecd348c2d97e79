/** Which blocks a wire could lead to: what can be told at once, and what Python says of each; it draws nothing. */

import { createStore } from 'zustand/vanilla'
import { hasOutput, takesInputs } from '../document/catalogue'
import { insideOf, levelOf } from '../document/inside'
import { closesCycle, readingOrder } from '../document/order'
import { findComponent, hasEdge } from '../document/steps'
import { documentStore } from '../document/store'
import type { ModelArchitecture } from '../generated/wire'
import { pythonState } from '../python/client'
import { refusalReason } from './actions'
import { uiStore } from './ui_state'

/** What can be told at once, without asking: ports exist, no cycle, not there yet. */
export function instantRefusal(design: ModelArchitecture | null, source: string, target: string): string | undefined {
  const from = design && findComponent(design, source)
  const to = design && findComponent(design, target)
  if (!design || !from || !to) return 'That block is gone'
  if (!hasOutput(from.type)) return 'Nothing leaves this block'
  if (!takesInputs(to.type)) return 'This block takes no input'
  if (hasEdge(design, source, target)) return 'These two are connected already'
  return closesCycle(design, source, target) ? 'That would close a circle' : undefined
}

export interface Target {
  id: string
  /** why the wire may not be drawn; undefined where it may */
  reason: string | undefined
  /** whether the reason could be told without asking Python */
  atOnce: boolean
}

/**
 * Every other block in the place of `source`, told as soon as it is known. Python is asked about one after the other, since of two
 * questions of a kind it answers the newer; whoever aborts hears no more.
 */
export async function askTargets(
  design: ModelArchitecture,
  source: string,
  signal: AbortSignal,
  tell: (target: Target) => void,
): Promise<void> {
  const component = findComponent(design, source)
  const others = component ? readingOrder(levelOf(design, insideOf(component))).filter(({ id }) => id !== source) : []
  const open = others.filter(({ id }) => {
    const reason = instantRefusal(design, source, id)
    if (reason) tell({ id, reason, atOnce: true })
    return !reason
  })
  for (const { id } of open) {
    const reason = await refusalReason(design, source, id)
    if (signal.aborted) return
    tell({ id, reason, atOnce: false })
  }
}

interface Targets {
  known: ReadonlyMap<string, Target>
  /** whether nothing is left to ask */
  all: boolean
}

const NOTHING: Targets = { known: new Map(), all: false }

/** While a wire is being drawn by taps: what is known of the blocks it could lead to. */
export const targetsStore = createStore<Targets>(() => NOTHING)

const learn = (target: Target): void => targetsStore.setState(({ known }) => ({ known: new Map(known).set(target.id, target) }))

/** Keep `targetsStore` in step with the wire that is being drawn, the drawing and Python; returns how to stop. */
export function watchTargets(): () => void {
  let asking = new AbortController()
  let before: unknown[] = []
  const look = () => {
    const [{ connecting }, { design }, { status }] = [uiStore.getState(), documentStore.getState(), pythonState.getState()]
    const now = [connecting, connecting && design, status]
    if (now.every((value, index) => value === before[index])) return
    before = now
    asking.abort()
    asking = new AbortController()
    targetsStore.setState(NOTHING)
    if (connecting && design) void ask(design, connecting, asking.signal)
  }
  const stops = [uiStore.subscribe(look), documentStore.subscribe(look), pythonState.subscribe(look)]
  look()
  return () => {
    for (const stop of stops) stop()
    asking.abort()
    targetsStore.setState(NOTHING)
  }
}

async function ask(design: ModelArchitecture, source: string, signal: AbortSignal): Promise<void> {
  await askTargets(design, source, signal, learn)
  if (!signal.aborted) targetsStore.setState({ all: true })
}
