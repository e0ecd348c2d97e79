/** Opens the Play screen for the best network of one run, from where the screen of that run cannot load a player. */

import type { Run } from '../generated/wire'
import { goTo } from '../navigation/router'

let wanted: { designId: string; runId: string } | undefined

/** Show the Play screen with the best network of a run. */
export function playRun({ id, design_id }: Run): void {
  wanted = { designId: design_id, runId: id }
  goTo({ screen: 'play', id: design_id })
}

/** The run that a person asked to see play, once; undefined where that was of another design or none. */
export function takeWantedRun(designId: string): string | undefined {
  const runId = wanted?.designId === designId ? wanted.runId : undefined
  wanted = undefined
  return runId
}
