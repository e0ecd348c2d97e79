/** What a run is made of, and what comes of it. */
import type { Violation } from './server'

/** The disaster of a run; with a plus, one of each of two kinds, in any order. */
export type Mode = 'none' | 'restore' | 'copyback' | 'rollback' | 'clone' | 'rollback+copyback' | 'clone+copyback'

export interface Task {
  seed: number
  mode: Mode
  edits: number
  trace: boolean
}

export interface Result {
  seed: number
  mode: Mode
  counts: Record<string, number>
  violations: Violation[]
  trace?: string[]
}
