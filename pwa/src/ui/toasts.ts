/** Short messages over any screen: shown for as long as they take to read, and announced by screen readers. */

import { createStore } from 'zustand/vanilla'

export type ToastTone = 'plain' | 'bad'

export interface UndoAction {
  /** what is undone, to follow "Undo: " in the name of the button: "delete Transformer layer 2" */
  action: string
  run: () => void
}

interface ToastOptions {
  tone?: ToastTone
  /** a button that undoes what the message reports */
  undo?: UndoAction
  /** called when the message closes: by time, by a swipe or by `closeToast` */
  onClose?: () => void
}

/** A message as `app/Toasts` shows it. */
interface Message {
  id: string
  title: string
  type: ToastTone
  priority: 'high' | 'low'
  timeout: number
  onClose?: () => void
  actionProps?: { 'aria-label': string; children: string; onClick: () => void }
}

interface ToastManager {
  add: (message: Message) => unknown
  close: (id: string) => void
}

/** Whether messages are queued until `app/Toasts` is loaded. */
export const toastsWaiting = createStore<{ any: boolean }>(() => ({ any: false }))

let screen: ToastManager | undefined
let waiting: Message[] = []

/** Connect the manager that shows messages, and pass it the queued ones; returns a function that disconnects it. */
export function connectToasts(manager: ToastManager): () => void {
  screen = manager
  for (const message of waiting) manager.add(message)
  waiting = []
  return () => {
    screen = undefined
  }
}

/** Passes messages to the connected manager; until there is one, they are queued. */
export const toastManager: ToastManager = {
  add(message) {
    if (screen) return screen.add(message)
    waiting = [...waiting.filter(({ id }) => id !== message.id), message]
    return toastsWaiting.setState({ any: true })
  },
  close(id) {
    waiting = waiting.filter((message) => message.id !== id)
    screen?.close(id)
  },
}

/** As many messages as a small screen has room for; older ones are hidden. */
export const MAX_TOASTS = 2

const MIN_MS = 3500
const READING_MS_PER_CHARACTER = 60
/** an undo needs time to be noticed, read and reached */
const UNDO_MS = 8000

/** Show a message; the same one again only starts its time anew. Returns its id. */
export function showToast(text: string, { tone = 'plain', undo, onClose }: ToastOptions = {}): string {
  toastManager.add({
    id: text,
    title: text,
    type: tone,
    // a refusal answers what the person just did, so it is not left to wait behind other speech
    priority: tone === 'bad' ? 'high' : 'low',
    timeout: Math.max(undo ? UNDO_MS : MIN_MS, READING_MS_PER_CHARACTER * text.length),
    ...(onClose && { onClose }),
    ...(undo && { actionProps: undoButton(text, undo) }),
  })
  return text
}

export const closeToast = (id: string): void => toastManager.close(id)

const undoButton = (id: string, { action, run }: UndoAction) => ({
  'aria-label': `Undo: ${action}`,
  children: 'Undo',
  onClick: () => {
    closeToast(id)
    run()
  },
})
