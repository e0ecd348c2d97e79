/** The words for how a run stands and for what it learns. */

import type { Run, RunStatus } from '../generated/wire'
import { exactly } from '../ui/numbers'
import { momentOf } from '../ui/times'
import type { Algorithm } from './run_config'

interface Words {
  title: string
  /** what the field calls it */
  term: string
  help: string
}

export const ALGORITHMS: Record<Algorithm, Words> = {
  ppo: {
    title: 'Which move to make',
    term: 'PPO',
    help: 'It learns to choose among the four moves.',
  },
  afterstate_td: {
    title: 'What a board is worth',
    term: 'afterstate TD',
    help: 'It learns to value the boards that moves lead to, and plays for the best.',
  },
}

export const algorithmOf = ({ config }: Run): Algorithm => (config.algorithm ?? 'ppo') as Algorithm

/** What a run learns; undefined of an algorithm that this version does not know. */
export const learnedBy = (run: Run): Words | undefined => ALGORITHMS[algorithmOf(run)]

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
