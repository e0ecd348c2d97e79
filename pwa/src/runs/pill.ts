/** Which run the pill shows, and the announcements when runs begin and end. */

import type { Run } from '../generated/wire'
import { percentDone, roughly } from '../ui/numbers'
import { bestOf, isActive, isStuck } from './selected_run'

/** Whether a run trains, or will as soon as its turn comes; a paused one does not. */
export const isAtWork = ({ status }: Run): boolean => status === 'running' || status === 'queued'

export interface Pill {
  run: Run
  /** how many others train or wait */
  others: number
}

/** The run at work that began first, else the next in line, of all `runs` (the newest first) but the one that is on the screen. */
export function pillOf(runs: readonly Run[], shownRun: string | undefined): Pill | null {
  const atWork = runs.filter((run) => isAtWork(run) && run.id !== shownRun)
  const run = atWork.findLast(({ status }) => status === 'running') ?? atWork.at(-1)
  return run ? { run, others: atWork.length - 1 } : null
}

/** The share of its moves that a run has made, 0 to 1. */
export const shareOf = ({ steps, total_steps }: Run): number => (total_steps > 0 ? Math.min(1, steps / total_steps) : 0)

/** "learning", "waiting", "testing" …: short, to leave room for the name of the design. */
export function workWords(run: Run): string {
  if (isStuck(run)) return 'not responding'
  if (run.status === 'queued') return 'waiting'
  if (run.phase === 'evaluating') return 'testing'
  return 'learning'
}

/** "42 %" while it makes moves, and nothing before. */
export const progressWords = (run: Run): string => (run.status === 'queued' ? '' : percentDone(shareOf(run)))

/** What became of a run since it was last seen, in a few words; undefined where there is nothing to say. */
export function eventOf(before: Run | undefined, now: Run): string | undefined {
  if (before && !isActive(before.status))
    return before.status !== now.status && now.status === 'running' ? 'learns again' : undefined
  if (now.status === 'running' && before?.status !== 'running')
    return before?.status === 'paused' ? 'learns again' : 'has started to learn'
  if (!before || before.status === now.status) return undefined
  const best = bestOf(now)
  const score = best === null ? '' : `, best in training ${roughly(best)}`
  switch (now.status) {
    case 'finished':
      return `has finished${score}`
    case 'stopped':
      return `was stopped${score}`
    case 'failed':
      return 'has failed: open it to see why'
    case 'interrupted':
      return 'was interrupted: it can be resumed'
    default:
      return undefined
  }
}
