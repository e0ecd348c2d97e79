/** The words for what a run learns. */

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
