/** Texts for the status of a run and for its algorithm. */

import type { Run, RunStatus } from '../generated/wire'
import { exactly } from '../ui/numbers'
import { momentOf } from '../ui/times'
import { ALGORITHMS, type Algorithm, type AlgorithmWords, DEFAULT_ALGORITHM } from './run_config'

/** The algorithm of a run; runs of the first versions do not name it. */
export const algorithmOf = ({ config }: Run): Algorithm => (config.algorithm ?? DEFAULT_ALGORITHM) as Algorithm

/** What a run learns; undefined of an algorithm that this version does not know. */
export const learnedBy = (run: Run): AlgorithmWords | undefined => ALGORITHMS.find(({ name }) => name === algorithmOf(run))

/** What a run is called: the name it was given, else what it learns. */
export const titleOfRun = (run: Run): string => run.name || (learnedBy(run)?.title ?? algorithmOf(run))

/** The short name of an algorithm, such as "PPO"; its own name where this version does not know it. */
export const termOf = (algorithm: string): string => ALGORITHMS.find(({ name }) => name === algorithm)?.term ?? algorithm

const STATUS_WORDS: Record<RunStatus, string> = {
  queued: 'Queued',
  running: 'Running',
  paused: 'Paused',
  stopped: 'Stopped',
  finished: 'Finished',
  failed: 'Failed',
  interrupted: 'Interrupted',
}

export type RunPhase = NonNullable<Run['phase']>

const PHASE_WORDS: Record<RunPhase, string> = {
  queued: 'Queued',
  training: 'Training',
  evaluating: 'Playing test games',
  saving: 'Saving',
}

/**
 * How a run stands: while it runs, that its process does not answer, or else its phase, where the server tells one that this
 * version knows.
 */
export function standingWords(status: RunStatus, phase: RunPhase | null | undefined, stuck: boolean): string {
  if (status === 'running' && stuck) return 'Not responding'
  return (status === 'running' && phase && PHASE_WORDS[phase]) || STATUS_WORDS[status]
}

/** "Not responding since 14:32 (at 12,345 moves).", as far as the server knows. */
export function stuckWords({ last_heartbeat_at, last_heartbeat_step }: Run): string {
  const since = last_heartbeat_at ? ` since ${momentOf(new Date(last_heartbeat_at))}` : ''
  const at = last_heartbeat_step == null ? '' : ` (at ${exactly(last_heartbeat_step)} moves)`
  return `Not responding${since}${at}.`
}
