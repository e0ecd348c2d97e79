/** The designs of this phone as a list, and what can be done with a whole design. */

import { createStore } from 'zustand/vanilla'
import { closeSheet } from '../editor/ui_state'
import type { ModelArchitecture } from '../generated/wire'
import { coalesced } from '../lib/coalesced'
import { pause } from '../lib/pause'
import { persisted, recordOf } from '../lib/persisted'
import { placeNow } from '../navigation/history'
import { goTo } from '../navigation/router'
import { pythonState, validate } from '../python/client'
import { readAllRuns } from '../runs/all_runs'
import { type RunSummary, rememberedRuns, runsStore, summariesOf } from '../runs/run_cache'
import {
  getDesign,
  listDesigns,
  newDesignId,
  onDesignsChanged,
  removeDesign,
  type StoredDesign,
  saveWork,
} from '../storage/designs'
import { pendingEdit } from '../storage/pending_edits'
import { forgetRemoval, rememberRemoval, returnedOf } from '../storage/returned'
import { sameDocument } from '../storage/same_document'
import { syncSoon } from '../sync/sync'

export interface Size {
  parameters: number
  valid: boolean
  /** the design it was counted for, as text */
  content: string
}

interface Library {
  designs: StoredDesign[] | null
  runs: Record<string, RunSummary>
  /** by design id; worked out once Python is ready */
  sizes: Record<string, Size>
  /** those that the person removed here and that are back */
  returned: StoredDesign[]
}

/** Sizes are counted once: at the next start the list shows them before Python is ready. */
const storedSizes = persisted('model-studio-sizes', recordOf<Size>)

export const libraryStore = createStore<Library>(() => ({ designs: null, runs: {}, sizes: storedSizes.read(), returned: [] }))

/** Keep the list in step with the phone and the server; returns a function that stops this. */
export function followLibrary(): () => void {
  let left = false
  // a sync announces every batch: while the list is read, further ones lead to one more reading
  const read = coalesced(async () => {
    const designs = unchangedKept(libraryStore.getState().designs ?? [], await listDesigns())
    if (!left) libraryStore.setState({ designs, returned: returnedOf(designs) })
  })
  const refresh = async () => {
    await read()
    if (!left) await measure(() => left)
  }
  const stops = [
    onDesignsChanged(() => void refresh()),
    pythonState.subscribe(() => void measure(() => left)),
    runsStore.subscribe(({ runs }) => takeRuns(summariesOf(runs))),
  ]
  const { runs } = runsStore.getState()
  // until the server answers, what was known last stands
  takeRuns(runs.length > 0 ? summariesOf(runs) : rememberedRuns())
  void refresh()
  void readAllRuns()
  return () => {
    left = true
    for (const stop of stops) stop()
  }
}

/** Take the runs over; one that stays as it is keeps its object, so that its card is not drawn again. */
function takeRuns(runs: Record<string, RunSummary>): void {
  const before = libraryStore.getState().runs
  const kept = Object.entries(runs).map(([id, run]) => {
    const old = before[id]
    return [id, old && sameDocument(old, run) ? old : run]
  })
  libraryStore.setState({ runs: Object.fromEntries(kept) })
}

/** The new list, with the objects of the old one for designs whose card stays as it is, so that it is not drawn again. */
function unchangedKept(before: readonly StoredDesign[], designs: readonly StoredDesign[]): StoredDesign[] {
  const known = new Map(before.map((row) => [row.id, row]))
  return designs.map((row) => {
    const old = known.get(row.id)
    // an edit that is in memory only has no number yet
    return old && !pendingEdit(row.id) && cardKey(old) === cardKey(row) && sameDocument(old.conflicts, row.conflicts) ? old : row
  })
}

const cardKey = ({ change, revision, order, rejected, updatedAt }: StoredDesign): string =>
  [change, revision, order, updatedAt, rejected?.change, rejected?.problem.detail].join(' ')

const contents = new WeakMap<ModelArchitecture, string>()

/** `contentOf`, worked out once for each object. */
async function rememberedContent(work: ModelArchitecture): Promise<string> {
  const known = contents.get(work)
  if (known !== undefined) return known
  await pause()
  const content = contentOf(work)
  contents.set(work, content)
  return content
}

/** What the size depends on, as short text: places and name do not count. */
export function contentOf({ meta, components, edges }: ModelArchitecture): string {
  const text = JSON.stringify([meta, components.map(({ id, type, props, inside }) => [id, type, props, inside ?? null]), edges])
  let hash = 0xcbf29ce484222325n
  for (let index = 0; index < text.length; index++) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(text.charCodeAt(index))) * 0x100000001b3n)
  }
  return hash.toString(36)
}

let measuring = false
/** whoever asked while another list was still being counted */
let measureNext: (() => boolean) | undefined

/** Count the parameters of every design whose count is not known, one after the other. */
async function measure(left: () => boolean): Promise<void> {
  if (pythonState.getState().status !== 'ready') return
  if (measuring) {
    measureNext = left
    return
  }
  measuring = true
  try {
    const designs = libraryStore.getState().designs ?? []
    for (const { id, work } of designs) {
      if (left()) return
      const content = await rememberedContent(work)
      if (libraryStore.getState().sizes[id]?.content === content) continue
      const { parameters, valid } = await validate(JSON.stringify(work))
      libraryStore.setState(({ sizes }) => ({ sizes: { ...sizes, [id]: { parameters, valid, content } } }))
    }
    const { sizes } = libraryStore.getState()
    storedSizes.write(Object.fromEntries(designs.flatMap(({ id }) => (sizes[id] ? [[id, sizes[id]]] : []))))
  } catch (error) {
    // somebody else asked Python meanwhile, or it cannot run: the cards say less
    if (!(error instanceof Error)) throw error
  } finally {
    measuring = false
  }
  const next = measureNext
  measureNext = undefined
  if (next && !next()) await measure(next)
}

/** Make a design from a template, or as a copy of another design, and open it. */
export async function newDesign(template: ModelArchitecture): Promise<void> {
  const asked = placeNow()
  const designs = libraryStore.getState().designs ?? (await listDesigns())
  const taken = designs.map(({ work }) => work.name)
  const id = newDesignId()
  await saveWork({ ...template, id, name: freeName(template.name, taken) })
  syncSoon('edit')
  if (placeNow() !== asked) return
  closeSheet()
  goTo({ screen: 'design', id })
}

/** "Small transformer", "Small transformer 2", … */
export function freeName(name: string, taken: readonly string[]): string {
  if (!taken.includes(name)) return name
  let number = 2
  while (taken.includes(`${name} ${number}`)) number++
  return `${name} ${number}`
}

export async function renameDesign(id: string, name: string): Promise<void> {
  const row = await getDesign(id)
  if (!row || row.work.name === name) return
  await saveWork({ ...row.work, name }, row.revision)
  syncSoon('edit')
}

/** Remove a design; returns how to restore it. */
export async function removeWithUndo(id: string): Promise<() => Promise<void>> {
  const row = await getDesign(id)
  await removeDesign(id)
  if (row) rememberRemoval(id, row.work.name)
  syncSoon('edit')
  return async () => {
    if (!row) return
    await saveWork(row.work)
    syncSoon('edit')
  }
}

/** Note that the person has read why a design is back. */
export function acceptReturn(id: string): void {
  forgetRemoval(id)
  libraryStore.setState(({ returned }) => ({ returned: returned.filter((row) => row.id !== id) }))
}
