/**
 * Undo, redo and Delete in the drawing, and Escape, which closes layers on every screen.
 *
 * The keys of Play are in `play/usePressed.ts`; arrow keys on a block are React Flow's.
 */

import { redo, undo } from '../document/store'
import { deleteSelected } from '../editor/actions'
import { goOutside } from '../editor/navigation'
import { uiStore } from '../editor/ui_state'
import { closeLayers, layerCount } from '../navigation/layers'
import { currentRoute } from '../navigation/router'

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))

/** Escape closes the topmost layer alone, before any other handler, those of dialogs included. */
function onEscape(event: KeyboardEvent): void {
  if (event.key !== 'Escape' || event.isComposing || layerCount() === 0) return
  event.preventDefault()
  event.stopPropagation()
  closeLayers(layerCount() - 1)
}

function onKey(event: KeyboardEvent): void {
  const { screen, id } = currentRoute()
  // on the Play screen a key must not change the drawing, which is not shown there
  if (event.defaultPrevented || !id || screen === 'play') return
  const command = event.ctrlKey || event.metaKey
  if (command && event.key.toLowerCase() === 'z' && !isTyping(event.target)) {
    event.preventDefault()
    if (event.shiftKey) redo()
    else undo()
  } else if (command && event.key.toLowerCase() === 'y' && !isTyping(event.target)) {
    event.preventDefault()
    redo()
  } else if ((event.key === 'Delete' || event.key === 'Backspace') && !isTyping(event.target) && !uiStore.getState().sheet) {
    deleteSelected()
  } else if (event.key === 'Escape' && !isTyping(event.target) && screen === 'design') {
    goOutside()
  }
}

/** Listen from now on; returns how to stop. */
export function startKeyboard(): () => void {
  window.addEventListener('keydown', onEscape, true)
  window.addEventListener('keydown', onKey)
  return () => {
    window.removeEventListener('keydown', onEscape, true)
    window.removeEventListener('keydown', onKey)
  }
}
