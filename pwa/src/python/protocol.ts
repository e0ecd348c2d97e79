/** The messages between the page and the Python worker. */

export type CallKind =
  | 'validate'
  | 'generate'
  | 'can_connect'
  | 'find_place'
  | 'fitting_blocks'
  | 'forecast'
  | 'recipes'
  | 'upgrade'
  | 'difference'
  | 'conflict_texts'

export interface Call {
  id: number
  kind: CallKind
  args: string[]
}

/** What the worker sends back. */
export type Reply =
  | { type: 'ready' }
  | { type: 'failed'; detail: string }
  | { type: 'answer'; id: number; bytes: ArrayBuffer }
  | { type: 'error'; id: number; detail: string }
