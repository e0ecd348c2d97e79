/** Keeps the undo history of a tab over a reload. */

import { exportLogs, importLogs, type Log } from '../document/store'

const KEY = 'undo'

/** Take over what was kept, and keep what there is when the page goes; returns a function that stops this. */
export function startUndoLog(): () => void {
  importLogs(kept())
  window.addEventListener('pagehide', keep)
  return () => window.removeEventListener('pagehide', keep)
}

function keep(): void {
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ version: 1, logs: exportLogs() }))
  } catch {
    // full or forbidden: undo then begins anew, as in a new tab
  }
}

function kept(): [string, Log][] {
  try {
    const stored = JSON.parse(sessionStorage.getItem(KEY) ?? 'null')
    return stored?.version === 1 && Array.isArray(stored.logs) ? stored.logs : []
  } catch {
    return []
  }
}
