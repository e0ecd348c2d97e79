/** Which blocks an edge could lead to: the rules applied at once, then Python's check of each; it draws nothing. */

import { createStore } from 'zustand/vanilla'
import { edgeRefusal } from '../document/edge_rules'
import { findComponent } from '../document/edits'
import { insideOf, levelOf } from '../document/inside'
import { readingOrder } from '../document/order'
import { documentStore } from '../document/store'
import type { ModelArchitecture, Problem } from '../generated/wire'
import { pythonState } from '../python/client'
import { checkEdge } from './actions'
import { uiStore } from './ui_state'

export interface Target {
  id: string
  /** why the edge may not be drawn; undefined where it may */
  refusal: Problem | undefined
  /** whether a rule decided it, without Python */
  byRule: boolean
}

/**
 * Report every other block in the container of `source` as soon as it is checked. Python checks one after the other, since a newer
 * call of a kind replaces the older one; nothing is reported after an abort.
 */
export async function findTargets(
  design: ModelArchitecture,
  source: string,
  signal: AbortSignal,
  report: (target: Target) => void,
): Promise<void> {
  const component = findComponent(design, source)
  const others = component ? readingOrder(levelOf(design, insideOf(component))).filter(({ id }) => id !== source) : []
  const open = others.filter(({ id }) => {
    const refusal = edgeRefusal(design, source, id)
    if (refusal) report({ id, refusal, byRule: true })
    return !refusal
  })
  for (const { id } of open) {
    const refusal = await checkEdge(design, source, id)
    if (signal.aborted) return
    report({ id, refusal, byRule: false })
  }
}

interface Targets {
  known: ReadonlyMap<string, Target>
  /** whether every block was checked */
  all: boolean
}

const NOTHING: Targets = { known: new Map(), all: false }

/** While an edge is being drawn by taps: the blocks checked so far. */
export const targetsStore = createStore<Targets>(() => NOTHING)

const addTarget = (target: Target): void =>
  targetsStore.setState(({ known }) => ({ known: new Map(known).set(target.id, target) }))

/** Keep `targetsStore` in step with the edge that is being drawn, the design and Python; returns a function that stops this. */
export function watchTargets(): () => void {
  let checking = new AbortController()
  let before: unknown[] = []
  const update = () => {
    const [{ connecting }, { design }, { status }] = [uiStore.getState(), documentStore.getState(), pythonState.getState()]
    const now = [connecting, connecting && design, status]
    if (now.every((value, index) => value === before[index])) return
    before = now
    checking.abort()
    checking = new AbortController()
    targetsStore.setState(NOTHING)
    if (connecting && design) void checkAll(design, connecting, checking.signal)
  }
  const stops = [uiStore.subscribe(update), documentStore.subscribe(update), pythonState.subscribe(update)]
  update()
  return () => {
    for (const stop of stops) stop()
    checking.abort()
    targetsStore.setState(NOTHING)
  }
}

async function checkAll(design: ModelArchitecture, source: string, signal: AbortSignal): Promise<void> {
  await findTargets(design, source, signal, addTarget)
  if (!signal.aborted) targetsStore.setState({ all: true })
}
