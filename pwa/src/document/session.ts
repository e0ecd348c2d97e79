/** Keeps the open design on this phone: opens it, saves every edit at once, takes over what sync made of it. */

import { getDesign, onDesignsChanged, saveWork } from '../storage/designs'
import { syncSoon } from '../sync/sync'
import { adopt, documentStore, openDocument } from './store'

let saving: Promise<void> | undefined
let savedEdits = 0
let opened = 0
/** the stored revision that the open document stands on */
let revision = 0

/** Open a design of this phone; false when there is none of that id. */
export async function openDesign(id: string): Promise<boolean> {
  if (documentStore.getState().design?.id === id) return true
  const ticket = ++opened
  await saving
  const row = await getDesign(id)
  if (ticket !== opened) return false
  savedEdits = 0
  revision = row?.revision ?? 0
  openDocument(row?.work ?? null)
  return row !== undefined
}

export function closeDesign(): void {
  opened++
  if (documentStore.getState().design) openDocument(null)
}

/** Save and follow the open design from now on; returns how to stop. */
export function startSession(): () => void {
  const stopSaving = documentStore.subscribe((state, before) => {
    if (state.edits !== before.edits && state.edits > savedEdits) void save()
  })
  const stopFollowing = onDesignsChanged((ids) => {
    const open = documentStore.getState().design
    if (open && ids.includes(open.id)) void follow(open.id)
  })
  return () => {
    stopSaving()
    stopFollowing()
  }
}

/** One save at a time; edits made meanwhile are saved by the next. */
async function save(): Promise<void> {
  if (saving) return
  saving = saveAll()
  try {
    await saving
  } finally {
    saving = undefined
  }
}

async function saveAll(): Promise<void> {
  for (;;) {
    const { design, edits } = documentStore.getState()
    if (!design || edits === savedEdits) return
    savedEdits = edits
    try {
      const kept = await saveWork(design, revision)
      if (documentStore.getState().design?.id === design.id) revision = kept
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
  revision = row.revision
  if (JSON.stringify(row.work) !== JSON.stringify(now.design)) adopt(row.work)
}
