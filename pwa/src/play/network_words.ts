/** Words for the networks of a run. */

import { exactly, percent } from '../ui/numbers'

/** "Best", "Last" or "10,240 moves" */
export function checkpointWords({ checkpoint, steps }: { checkpoint: string; steps: number }): string {
  if (checkpoint === 'best') return 'Best'
  return checkpoint === 'last' ? 'Last' : `${exactly(steps)} moves`
}

/** How much of its training a network had: "40 % of training". */
export const trainedWords = (steps: number, of: number): string => (of > 0 ? `${percent(steps / of)} of training` : '')
