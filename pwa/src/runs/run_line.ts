/** What a list of runs says about each. */

import type { Run } from '../generated/wire'
import { roughly } from '../ui/numbers'
import { timeOrDay } from '../ui/times'
import { standingWords } from './labels'
import { isStuck } from './selected_run'

/** "Finished · 1.20 M moves · 3 Nov" */
export function lineOf(run: Run): string {
  const moves = run.steps > 0 ? `${roughly(run.steps)} moves` : 'no moves'
  return [standingWords(run.status, run.phase, isStuck(run)), moves, timeOrDay(new Date(run.created_at))].join(' · ')
}
