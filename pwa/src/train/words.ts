/** The words for how a run stands and for what it learns. */

import type { Run, RunStatus } from '../generated/wire'
import type { Algorithm } from './choice'

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

/** What a run learns; undefined where a trainer of somebody's own has another name for it. */
export const algorithmOf = (run: Run): Words | undefined => ALGORITHMS[(run.config.algorithm ?? 'ppo') as Algorithm]

export const STATUS_WORDS: Record<RunStatus, string> = {
  queued: 'Waiting to start',
  running: 'Running',
  paused: 'Paused',
  stopped: 'Stopped',
  finished: 'Finished',
  failed: 'Failed',
  interrupted: 'Interrupted',
}
