/** Beside the finger that draws a connection: where it would lead, or why it may not. */

import { useStore } from 'zustand'
import { uiStore } from '../editor/ui_state'
import { aimStore } from './drop_target'

export function DragHint() {
  const dragging = useStore(uiStore, (state) => state.dragging)
  const aim = useStore(aimStore, (state) => state.aim)
  if (!dragging) return null
  return (
    <div className="drag-hint" role="status" aria-label="Connection">
      {aim && (
        <p key={aim.id} data-refused={aim.refused || undefined}>
          {aim.text}
        </p>
      )}
    </div>
  )
}
