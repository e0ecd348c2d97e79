/** The keys that work on every studio screen; arrow keys on a block are React Flow's. */

import { redo, undo } from '../document/store'
import { deleteSelected } from './actions'
import { goOutside } from './place'
import { currentRoute } from './router'
import { uiStore } from './ui'

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))

/** whether a sheet was open when the key went down, before it could close it */
let hadSheet = false

function beforeKey(): void {
  hadSheet = uiStore.getState().sheet !== null
}

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || currentRoute().screen === 'designs') return
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
  } else if (event.key === 'Escape') {
    const { connecting, gathering, wire } = uiStore.getState()
    if (connecting || gathering || wire) uiStore.setState({ connecting: null, gathering: false, wire: null })
    else if (!hadSheet && !isTyping(event.target) && currentRoute().screen === 'design') goOutside()
  }
}

/** Listen from now on; returns how to stop. */
export function startKeyboard(): () => void {
  window.addEventListener('keydown', beforeKey, true)
  window.addEventListener('keydown', onKey)
  return () => {
    window.removeEventListener('keydown', beforeKey, true)
    window.removeEventListener('keydown', onKey)
  }
}
