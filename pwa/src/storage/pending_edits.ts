/**
 * Edits on their way to the disk. One that cannot be stored, because the phone is full or for another reason, stays in memory and
 * is tried again: with growing pauses, when something else was stored or deleted, and when the page is looked at.
 *
 * Until it is stored, `getDesign` and `listDesigns` of this page have it, no document from the server takes its place, and
 * `storageState` says that it is not stored. Other tabs hear of it once it is.
 */
import type { ModelArchitecture } from '../generated/wire'
import { Backoff } from '../lib/backoff'
import { onStorageWorks, storageState, storageWorks } from './database'
import { storeWork } from './designs'
import { originOf } from './origins'
import { type UnstoredEdit, unstored } from './unstored'

export type { UnstoredEdit } from './unstored'

const NOT_STORED = 'The newest changes are not stored on this phone yet. It is tried again.'
const backoff = new Backoff({ firstMs: 1_000, maxMs: 30_000 })
const listeners = new Set<(id: string, revision: number) => void>()

let isSaving = false
let saving: Promise<void> = Promise.resolve()
let timer: ReturnType<typeof setTimeout> | undefined
let isWatching = false

/** Keep an edit and store it as soon as possible; `revision` is that of the stored document it was made on. */
export function keepEdit(work: ModelArchitecture, revision: number): void {
  unstored.set(work.id, { work, revision, origin: originOf(work.id, revision) })
  void savePending()
}

/** Store edits that an earlier load of this page could not store. */
export function takeUpEdits(edits: readonly UnstoredEdit[]): void {
  for (const edit of edits) unstored.set(edit.work.id, edit)
  if (edits.length > 0) void savePending()
}

/** The newest edit of a design that is not on the disk yet. */
export const pendingEdit = (id: string): UnstoredEdit | undefined => unstored.get(id)

/** All edits that are not on the disk yet. */
export const pendingEdits = (): UnstoredEdit[] => [...unstored.values()]

/** Try to store every edit, one at a time; resolves, never rejects, when nothing is left that can be stored now. */
export function savePending(): Promise<void> {
  if (!isSaving) saving = saveEach()
  return saving
}

/** Resolves when the edits that are being stored are on the disk or have failed. */
export const currentSave = (): Promise<void> => saving

/** Call `listener` when an edit was stored, with the revision that the next edit of the design is made on; returns how to stop. */
export function onEditStored(listener: (id: string, revision: number) => void): () => void {
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
  }
}

async function saveEach(): Promise<void> {
  isSaving = true
  clearTimeout(timer)
  timer = undefined
  const failed = new Set<UnstoredEdit>()
  const next = () => [...unstored.values()].find((edit) => !failed.has(edit))
  for (let edit = next(); edit; edit = next()) {
    try {
      stored(edit, await storeWork(edit.work, edit.revision, edit.origin))
      // space came back, also for what failed before
      failed.clear()
    } catch {
      failed.add(edit)
    }
  }
  isSaving = false
  if (unstored.size > 0) tryLater()
  else backoff.reset()
}

/** An edit is on the disk: a newer one of the same design is now based on it. */
function stored(edit: UnstoredEdit, revision: number): void {
  const { id } = edit.work
  const newer = unstored.get(id)
  if (newer === edit) unstored.delete(id)
  else if (newer) unstored.set(id, { ...newer, revision, origin: originOf(id, revision) })
  storageWorks()
  for (const listener of listeners) listener(id, revision)
}

function tryLater(): void {
  // `withDatabase` has set the reason where the browser gave one
  if (!storageState.getState().problem) storageState.setState({ problem: NOT_STORED })
  timer ??= setTimeout(() => void savePending(), backoff.nextMs())
  if (isWatching) return
  isWatching = true
  onStorageWorks(tryAtOnce)
  if (typeof document !== 'undefined') document.addEventListener('visibilitychange', tryAtOnce)
}

function tryAtOnce(): void {
  if (unstored.size > 0 && !isSaving) void savePending()
}
