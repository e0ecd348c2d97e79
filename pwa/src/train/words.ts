/** The words for how a run stands and for what it learns. */

import type { Run, RunStatus } from '../generated/wire'
import type { Algorithm } from '../recipe/choice'

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

export const STATUS_WORDS: Record<RunStatus, string> = {
  queued: 'Waiting to start',
  running: 'Running',
  paused: 'Paused',
  stopped: 'Stopped',
  finished: 'Finished',
  failed: 'Failed',
  interrupted: 'Interrupted',
}
