/**
 * The session of the open design: one state machine that opens, upgrades, saves and closes designs, one step at a time.
 *
 * Navigation sets the wanted design; the session opens the latest one and skips those requested in between.
 */

import { createStore } from 'zustand/vanilla'
import { plainVersion } from '../document/catalogue'
import { commitPending } from '../document/pending'
import { documentStore, openDocument, replaceDocument } from '../document/store'
import type { Conflict, ModelArchitecture } from '../generated/wire'
import { sentenceFor } from '../lib/error_sentence'
import { pythonState, upgrade } from '../python/client'
import { PythonUnavailable } from '../python/queue'
import type { DesignConflict } from '../storage/conflicts'
import { getDesign, onDesignsChanged, type StoredDesign, saveWork } from '../storage/designs'
import {
  currentSave,
  keepEdit,
  onEditStored,
  pendingEdit,
  pendingEdits,
  savePending,
  takeUpEdits,
} from '../storage/pending_edits'
import { syncSoon } from '../sync/sync'
import { keepForReload, takeKept } from './kept_edits'
import { takeUpLog } from './undo_log'

interface Session {
  /** `upgrading` rewrites a design of an older schema version before it is opened */
  phase: 'closed' | 'opening' | 'upgrading' | 'open' | 'closing'
  /** the design that the phase is about; null when closed */
  id: string | null
  /** the design that was asked for last; null for none */
  wanted: string | null
  /** whether the wanted design is not on this phone */
  missing: boolean
  /** the last content of the wanted design, where it was removed elsewhere while it was open here */
  removed: ModelArchitecture | null
  /** why the wanted design could not be opened */
  problem: string | undefined
}

const nothing: Session = { phase: 'closed', id: null, wanted: null, missing: false, removed: null, problem: undefined }

export const sessionStore = createStore<Session>(() => nothing)

/** What the phone knows of the open design beside its content. */
interface Notice {
  /** those whose notice is open; a server of an older version reports some that it does not store */
  conflicts: (Conflict | DesignConflict)[]
  /** why the server refuses it, while it does */
  refused: string | undefined
}

/** Whether a conflict is stored, so that it can be decided. */
export const isKept = (conflict: Conflict | DesignConflict): conflict is DesignConflict => 'id' in conflict

export const noticeStore = createStore<Notice>(() => ({ conflicts: [], refused: undefined }))

/** the stored revision on which the open document is based */
let revision = 0

let running = false
let working: Promise<void> = Promise.resolve()
/** whether the stored design has an older schema version, so that it must be closed and opened again */
let outdated = false
/** whether the open design was removed elsewhere, so that it must be closed without being stored again */
let gone = false
/** ends the wait of an upgrade whose result is no longer wanted */
let interrupt = (): void => {}

/** Open a design, or with null close it; resolves when the latest wanted design is open, or none is wanted and none is open. */
export function wantDesign(id: string | null): Promise<void> {
  if (id !== sessionStore.getState().wanted) {
    sessionStore.setState({ wanted: id, missing: false, removed: null, problem: undefined })
    interrupt()
  }
  return advance()
}

function retry(): void {
  sessionStore.setState({ missing: false, removed: null, problem: undefined })
  void advance()
}

function advance(): Promise<void> {
  if (!running) working = run()
  return working
}

async function run(): Promise<void> {
  running = true
  try {
    for (;;) {
      const { phase, id, wanted, missing, problem } = sessionStore.getState()
      if (phase === 'open') {
        if (id === wanted && !outdated && !gone) return
        await leave()
      } else {
        if (wanted === null || missing || problem !== undefined) return
        await open(wanted)
      }
    }
  } finally {
    running = false
  }
}

/** Take the open design off the screen at once; the session goes on when its edits are on the disk. */
async function leave(): Promise<void> {
  commitPending()
  const removed = gone ? documentStore.getState().design : null
  openDocument(null)
  updateNotices(undefined)
  outdated = false
  gone = false
  sessionStore.setState({ phase: 'closing', ...(removed && isWanted(removed.id) && { missing: true, removed }) })
  await savePending()
  sessionStore.setState({ phase: 'closed', id: null })
}

const isWanted = (id: string): boolean => sessionStore.getState().wanted === id

/** One attempt to open a design; afterwards it is open, or the session says why not. */
async function open(id: string): Promise<void> {
  sessionStore.setState({ phase: 'opening', id })
  try {
    const row = await getDesign(id)
    if (!isWanted(id)) return
    const edit = pendingEdit(id) ?? (row && { work: row.work, revision: row.revision })
    if (!edit) return sessionStore.setState({ missing: true })
    if (isOld(edit.work)) return await upgradeDesign(edit)
    if (row) takeUpLog(row)
    revision = edit.revision
    openDocument(edit.work)
    updateNotices(row)
    sessionStore.setState({ phase: 'open' })
  } catch (error) {
    if (isWanted(id)) sessionStore.setState({ problem: openingProblem(error) })
  } finally {
    if (sessionStore.getState().phase !== 'open') sessionStore.setState({ phase: 'closed', id: null })
  }
}

const isOld = (work: ModelArchitecture): boolean => work.schema_version < plainVersion

class NotUpgraded extends Error {}

/** Upgrade a design that an older version of the app stored; the sync base is kept. The next step opens it. */
async function upgradeDesign({ work: old, revision }: Pick<StoredDesign, 'work' | 'revision'>): Promise<void> {
  sessionStore.setState({ phase: 'upgrading' })
  const unwanted = new Promise<undefined>((resolve) => {
    interrupt = () => resolve(undefined)
  })
  const work = await Promise.race([upgrade(JSON.stringify(old)), unwanted])
  if (!work || !isWanted(old.id)) return
  if (isOld(work)) throw new NotUpgraded(`still of version ${work.schema_version}`)
  await saveWork(work, revision)
  syncSoon('edit')
}

function openingProblem(error: unknown): string {
  if (error instanceof PythonUnavailable)
    return 'Python could not start on this phone yet. The design is safe; it is tried again.'
  const unforeseen =
    sessionStore.getState().phase === 'opening'
      ? 'This design could not be read from this phone. Reload to try again.'
      : 'This design could not be brought up to date. It is safe as it is; update the app and try again.'
  return sentenceFor(error, { unforeseen })
}

/** Store what is edited and typed; resolves with whether everything is on the disk. */
export async function saveNow(): Promise<boolean> {
  commitPending()
  await savePending()
  return pendingEdits().length === 0
}

/** Whether an edit is not on the disk yet. */
export const hasUnsavedEdits = (): boolean => pendingEdits().length > 0

/** Keep edits that could not be stored for the next load of this tab: a newer version of the app may be able to store them. */
export function keepUnsavedForReload(): void {
  keepForReload(pendingEdits())
}

/** Save and follow the open design from now on; returns a function that stops this. */
export function startSession(): () => void {
  const stopSaving = documentStore.subscribe((state, before) => {
    if (!state.design || state.edits === before.edits || state.edits === 0 || gone) return
    keepEdit(state.design, revision)
  })
  const stopNoting = onEditStored((id, stored) => {
    if (documentStore.getState().design?.id === id) revision = stored
    syncSoon('edit')
  })
  takeUpEdits(takeKept())
  const stopTrying = pythonState.subscribe(({ status }) => {
    if (status === 'ready' && sessionStore.getState().problem !== undefined) retry()
  })
  const stopFollowing = onDesignsChanged((ids) => {
    const { wanted, missing } = sessionStore.getState()
    if (wanted === null || !ids.includes(wanted)) return
    if (missing) retry()
    else void follow(wanted)
  })
  return () => {
    stopSaving()
    stopNoting()
    stopTrying()
    stopFollowing()
  }
}

/** Take over the stored document unless something was edited here that is not stored yet. */
async function follow(id: string): Promise<void> {
  await currentSave()
  const { edits } = documentStore.getState()
  const row = await getDesign(id)
  const now = documentStore.getState()
  if (now.design?.id !== id || now.edits !== edits || pendingEdit(id)) return
  if (!row) {
    gone = true
    await advance()
    return
  }
  if (isOld(row.work)) {
    outdated = true
    await advance()
    return
  }
  updateNotices(row)
  revision = row.revision
  if (JSON.stringify(row.work) !== JSON.stringify(now.design)) replaceDocument(row.work)
}

function updateNotices(row: StoredDesign | undefined): void {
  noticeStore.setState({ conflicts: row?.conflicts ?? [], refused: row?.rejected?.problem.detail })
}
