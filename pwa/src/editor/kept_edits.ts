/** Edits that survive a reload of the tab although they could not be stored, in the tab's session storage. */

import type { UnstoredEdit } from '../storage/pending_edits'

const KEY = 'model-studio-kept-edits'

/** Keep edits until the next load of this tab. */
export function keepForReload(edits: readonly UnstoredEdit[]): void {
  try {
    if (edits.length > 0) sessionStorage.setItem(KEY, JSON.stringify(edits))
  } catch (error) {
    console.warn('edits could not be kept over the reload:', error)
  }
}

/** The edits that the load before kept; they are returned once. */
export function takeKept(): UnstoredEdit[] {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? '[]')
    sessionStorage.removeItem(KEY)
    return Array.isArray(kept) ? kept.filter(isEdit) : []
  } catch {
    return [] // no session storage, or not written by this app
  }
}

const isEdit = (value: unknown): value is UnstoredEdit => {
  const { work, revision } = (value ?? {}) as Partial<UnstoredEdit>
  return typeof work?.id === 'string' && typeof revision === 'number'
}
