/** What is open on the screen beside the document: tab, sheet, an edge being drawn. It is never stored. */

import { createStore } from 'zustand/vanilla'

type Sheet =
  | { name: 'block'; id: string; part?: 'connect' | 'name' }
  | { name: 'blocks'; after: string | null; before?: string }
  | { name: 'design' }
  /** `longer`: id of a run to train longer, instead of a new run */
  | { name: 'train'; longer?: string }
  | { name: 'templates' }
  | { name: 'parameters' }
  | { name: 'memory' }
  | { name: 'history'; id: string }
  | { name: 'bin' }
  | { name: 'export'; designId: string; runId?: string }
  | { name: 'share'; id: string }
  /** `source`: the link or the text that was received */
  | { name: 'import'; source?: string }
  | { name: 'settings' }
  /** `code`: the pairing code in the address */
  | { name: 'pair'; code?: string }
  | { name: 'help' }

interface UiState {
  tab: 'canvas' | 'chain'
  sheet: Sheet | null
  /** the component an edge is being drawn from */
  connecting: string | null
  /** whether a finger is drawing that edge right now */
  dragging: boolean
  /** the block whose quick menu is open, and where on the screen */
  menu: { id: string; x: number; y: number } | null
  /** whether a tap adds a block to the selection */
  selecting: boolean
  /** the selected edge */
  wire: [string, string] | null
  /** whether the list of problems is folded to its first line */
  folded: boolean
  /** whether the list of hints is unfolded */
  hints: boolean
}

export const uiStore = createStore<UiState>(() => ({
  tab: 'canvas',
  sheet: null,
  connecting: null,
  dragging: false,
  menu: null,
  selecting: false,
  wire: null,
  folded: false,
  hints: false,
}))

export const openSheet = (sheet: Sheet): void =>
  uiStore.setState({ sheet, connecting: null, menu: null, selecting: false, wire: null })

export const closeSheet = (): void => uiStore.setState({ sheet: null })
