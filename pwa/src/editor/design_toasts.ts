/** Messages of a whole design that was removed or restored: they close once they are no longer true. */

import { getDesign, onDesignsChanged } from '../storage/designs'
import { closeToast, showToast, type UndoAction } from '../ui/toasts'

/** Report that a design was removed, until it is there again. */
export const reportRemoved = (id: string, text: string, undo?: UndoAction): void => reportUntil(id, true, text, undo)

/** Report that a design was restored, until it is removed again. */
export const reportRestored = (id: string, text: string): void => reportUntil(id, false, text)

function reportUntil(id: string, isThere: boolean, text: string, undo?: UndoAction): void {
  const stop = onDesignsChanged((ids) => {
    if (ids.includes(id)) void check()
  })
  async function check(): Promise<void> {
    const found = (await getDesign(id)) !== undefined
    if (found !== isThere) return
    stop()
    closeToast(toast)
  }
  const toast = showToast(text, { ...(undo && { undo }), onClose: stop })
}
