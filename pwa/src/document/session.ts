/** Keeps the open design on this phone: opens it, saves every edit at once, takes over what sync made of it. */

import { createStore } from 'zustand/vanilla'
import type { Conflict, ModelArchitecture } from '../generated/wire'
import { pythonState, upgrade } from '../python/client'
import { PythonUnavailable } from '../python/queue'
import { getDesign, onDesignsChanged, type StoredDesign, saveWork } from '../storage/designs'
import { syncSoon } from '../sync/sync'
import { schemaVersion } from './catalogue'
import { adopt, documentStore, openDocument } from './store'

/** The design being written anew in the newest version, and why that did not work where it did not. */
export const renewalStore = createStore<{ id: string | undefined; problem: string | undefined }>(() => ({
  id: undefined,
  problem: undefined,
}))

let saving: Promise<void> | undefined
/** the newest edit that is not stored yet */
let unsaved: ModelArchitecture | undefined
let opened = 0
/** the stored revision that the open document stands on */
let revision = 0

/** What the phone knows of the open design beside its content. */
interface Notice {
  conflicts: Conflict[]
  /** why the server refuses it, while it does */
  refused: string | undefined
}

export const noticeStore = createStore<Notice>(() => ({ conflicts: [], refused: undefined }))

/** Open a design of this phone; false when there is none of that id. */
export async function openDesign(id: string): Promise<boolean> {
  if (documentStore.getState().design?.id === id) return true
  const ticket = ++opened
  await saving
  const row = await getDesign(id)
  if (ticket !== opened) return row !== undefined
  if (row && isOld(row.work)) return renew(row, ticket)
  revision = row?.revision ?? 0
  openDocument(row?.work ?? null)
  tell(row)
  return row !== undefined
}

const isOld = (work: ModelArchitecture): boolean => work.schema_version < schemaVersion

/** A design stored by an older version of the app is written anew before it can be edited; what sync started from stays. */
async function renew(row: StoredDesign, ticket: number): Promise<boolean> {
  renewalStore.setState({ id: row.work.id, problem: undefined }, true)
  try {
    const work = await upgrade(JSON.stringify(row.work))
    if (isOld(work)) throw new Error(`still of version ${work.schema_version}`)
    if (ticket !== opened) return true
    await saveWork(work, row.revision)
    syncSoon('edit')
    return await openDesign(row.work.id)
  } catch (error) {
    if (ticket === opened) renewalStore.setState({ id: row.work.id, problem: sentenceFor(error) }, true)
    return true
  } finally {
    if (renewalStore.getState().problem === undefined) renewalStore.setState({ id: undefined, problem: undefined }, true)
  }
}

function sentenceFor(error: unknown): string {
  if (error instanceof PythonUnavailable)
    return 'Python could not start on this phone yet. The drawing is safe; it is tried again.'
  return 'This drawing could not be brought up to date. It is safe as it is; update the app and try again.'
}

/** Close a design, unless another one is open by now; what was edited last is still stored. */
export function closeDesign(id: string): void {
  if (documentStore.getState().design?.id !== id) return
  opened++
  openDocument(null)
}

/** Save and follow the open design from now on; returns how to stop. */
export function startSession(): () => void {
  const stopSaving = documentStore.subscribe((state, before) => {
    if (state.design && state.edits !== before.edits && state.edits > 0) save(state.design)
  })
  const stopTrying = pythonState.subscribe(({ status }) => {
    const { id, problem } = renewalStore.getState()
    if (status === 'ready' && id !== undefined && problem !== undefined) void openDesign(id)
  })
  const stopFollowing = onDesignsChanged((ids) => {
    const open = documentStore.getState().design
    if (open && ids.includes(open.id)) void follow(open.id)
  })
  return () => {
    stopSaving()
    stopTrying()
    stopFollowing()
  }
}

/** One save at a time; edits made meanwhile are stored by the next. Another design is opened only when all is stored. */
function save(design: ModelArchitecture): void {
  unsaved = design
  saving ??= saveAll().finally(() => {
    saving = undefined
  })
}

async function saveAll(): Promise<void> {
  for (let design = unsaved; design; design = unsaved) {
    unsaved = undefined
    try {
      revision = await saveWork(design, revision)
    } catch {
      // storageState holds the sentence for the person; the next edit tries again
      return
    }
    syncSoon('edit')
  }
}

/** Take over the stored document unless something was edited here that is not stored yet. */
async function follow(id: string): Promise<void> {
  await saving
  const { edits } = documentStore.getState()
  const row = await getDesign(id)
  const now = documentStore.getState()
  if (!row || now.design?.id !== id || now.edits !== edits || saving) return
  if (isOld(row.work)) {
    openDocument(null)
    await openDesign(id)
    return
  }
  tell(row)
  revision = row.revision
  if (JSON.stringify(row.work) !== JSON.stringify(now.design)) adopt(row.work)
}

function tell(row: StoredDesign | undefined): void {
  noticeStore.setState({ conflicts: row?.conflicts ?? [], refused: row?.rejected?.problem.detail })
}
