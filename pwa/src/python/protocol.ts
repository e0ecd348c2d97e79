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
  /** `interrupted`: a file could not be fetched whole, so that the next start may succeed */
  | { type: 'failed'; detail: string; interrupted?: boolean }
  | { type: 'answer'; id: number; bytes: ArrayBuffer }
  | { type: 'error'; id: number; detail: string }
