/** What is open on the screen beside the document: tab, sheet, a wire being drawn, toasts. It is never stored. */

import { createStore } from 'zustand/vanilla'

type Sheet =
  | { name: 'block'; id: string; part?: 'connect' }
  | { name: 'blocks'; after: string | null; before?: string }
  | { name: 'design' }
  | { name: 'templates' }
  | { name: 'parameters' }
  | { name: 'memory' }

interface Toast {
  id: number
  text: string
  tone: 'plain' | 'bad'
}

interface UiState {
  tab: 'canvas' | 'chain'
  sheet: Sheet | null
  /** the component a wire is being drawn from */
  connecting: string | null
  /** whether a tap adds a block to the selection */
  selecting: boolean
  /** the selected wire */
  wire: [string, string] | null
  /** whether the list of problems is folded to its first line */
  folded: boolean
  /** whether the list of hints is unfolded */
  hints: boolean
  toasts: Toast[]
}

export const uiStore = createStore<UiState>(() => ({
  tab: 'canvas',
  sheet: null,
  connecting: null,
  selecting: false,
  wire: null,
  folded: false,
  hints: false,
  toasts: [],
}))

export const openSheet = (sheet: Sheet): void => uiStore.setState({ sheet, connecting: null, selecting: false, wire: null })

export const closeSheet = (): void => uiStore.setState({ sheet: null })

const TOAST_MS = 3500
const READING_MS_PER_CHARACTER = 60
let lastToast = 0

/** Say something in passing: shown for as long as it takes to read, and read out politely. */
export function toast(text: string, tone: Toast['tone'] = 'plain'): void {
  const id = ++lastToast
  uiStore.setState(({ toasts }) => ({ toasts: [...toasts.filter((old) => old.text !== text).slice(-1), { id, text, tone }] }))
  setTimeout(
    () => {
      uiStore.setState(({ toasts }) => ({ toasts: toasts.filter((old) => old.id !== id) }))
    },
    Math.max(TOAST_MS, READING_MS_PER_CHARACTER * text.length),
  )
}
