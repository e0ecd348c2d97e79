/**
 * Keeps the undo history of designs on this phone, so that it survives a reload and a closed app.
 *
 * It is written a moment after an edit, and at once, for this tab, when the page goes. A history is taken up only for the design
 * it belongs to; what others changed meanwhile is asked about by undo itself, as for any other entry.
 */

import { schemaVersion } from '../document/catalogue'
import { adoptLog, documentStore, exportLogs, hasLog, importLogs, type Log } from '../document/store'
import type { StoredDesign } from '../storage/designs'
import { readLog, removeLog, writeLog } from '../storage/undo_logs'

const KEY = 'undo'
const FORM = 2
/** of the stored form: entries name properties, which another schema version may call otherwise */
export const VERSION = 100 * FORM + schemaVersion
/** how long an edit waits, so that a value that is dragged is written once */
export const WRITE_MS = 400
/** of one history as text; the oldest entries are left out beyond it */
export const MAX_TEXT = 200_000

/** When the rows of designs that were open in this page were made. */
const born = new Map<string, string>()
/** what this tab kept when it was reloaded, by design id */
let kept = new Map<string, { born: string; log: Log }>()
/** those whose stored history is being read, which must not be overwritten */
const reading = new Set<string>()
let timer: ReturnType<typeof setTimeout> | undefined

/** Take over what was kept, and keep what there is from now on; returns a function that stops this. */
export function startUndoLog(): () => void {
  kept = keptByTab()
  const stop = documentStore.subscribe((state, before) => {
    if (before.design && state.design?.id !== before.design.id) write(before.design.id, before)
    else if (state.past !== before.past || state.future !== before.future) timer ??= setTimeout(writeOpen, WRITE_MS)
  })
  const hide = () => document.visibilityState === 'hidden' && writeOpen()
  window.addEventListener('pagehide', keepForTab)
  document.addEventListener('visibilitychange', hide)
  return () => {
    stop()
    clearTimeout(timer)
    timer = undefined
    window.removeEventListener('pagehide', keepForTab)
    document.removeEventListener('visibilitychange', hide)
  }
}

/**
 * Take up the history of a design that is opened now; one that belongs to another design of the same id is dropped. Opening does
 * not wait for the database: what it has is put before the edits made meanwhile.
 */
export function takeUpLog({ id, createdAt }: StoredDesign): void {
  born.set(id, createdAt)
  if (hasLog(id)) return
  const ofTab = kept.get(id)
  kept.delete(id)
  if (ofTab && ofTab.born === createdAt) importLogs([[id, ofTab.log]])
  else void takeUpStored(id, createdAt)
}

async function takeUpStored(id: string, createdAt: string): Promise<void> {
  reading.add(id)
  const stored = await readLog(id)
  reading.delete(id)
  if (!stored) return
  const log = stored.version === VERSION && stored.born === createdAt ? parsed(stored.text) : undefined
  try {
    if (log) return adoptLog(id, log)
  } catch {
    // damaged, or not written by this app
  }
  await removeLog(id)
}

function parsed(text: string): Log | undefined {
  try {
    const log: unknown = JSON.parse(text)
    return isLog(log) ? log : undefined
  } catch {
    return undefined
  }
}

const isLog = (value: unknown): value is Log =>
  typeof value === 'object' &&
  value !== null &&
  'past' in value &&
  'future' in value &&
  [value.past, value.future].every(Array.isArray)

function writeOpen(): void {
  clearTimeout(timer)
  timer = undefined
  const { design, past, future } = documentStore.getState()
  if (design) write(design.id, { past, future })
}

function write(id: string, { past, future }: Log): void {
  const since = born.get(id)
  if (since === undefined || reading.has(id)) return
  void writeLog({ id, version: VERSION, born: since, text: boundedText({ past, future }) })
}

/** The history as text, without its oldest entries where it would be too long. */
export function boundedText(log: Log): string {
  const text = JSON.stringify(log)
  if (text.length <= MAX_TEXT) return text
  if (log.past.length === 0) return JSON.stringify({ past: [], future: [] })
  return boundedText({ ...log, past: log.past.slice(Math.ceil(log.past.length / 2)) })
}

/** Writing to the database may not end before the page does: this tab keeps its histories itself. */
function keepForTab(): void {
  writeOpen()
  const logs = exportLogs().flatMap(([id, log]) => (born.has(id) ? [[id, { born: born.get(id), log }]] : []))
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ version: VERSION, logs }))
  } catch {
    // full or forbidden: what was written a moment ago is taken up
  }
}

function keptByTab(): typeof kept {
  try {
    const stored = JSON.parse(sessionStorage.getItem(KEY) ?? 'null')
    if (stored?.version !== VERSION || !Array.isArray(stored.logs)) return new Map()
    return new Map((stored.logs as [string, { born: string; log: Log }][]).filter(([, { log }]) => isLog(log)))
  } catch {
    return new Map()
  }
}
