/** The key figures of a run: which, in what words, with what they mean; the order is that of use. */

import type { TrainingUpdate } from '../generated/wire'
import { exactly, roughly } from '../ui/numbers'

interface Figure {
  title: string
  meaning: string
  /** null where a run has no such figure, or has it not yet */
  show: (update: TrainingUpdate) => string | null
}

/** A number that rounds to nothing has no sign. */
const fixed = (value: number | null | undefined, digits: number): string | null =>
  value == null ? null : (Number(value.toFixed(digits)) + 0).toFixed(digits)

/** The mean over the mixtures. */
function meanOf(figures: Record<string, number> | undefined): string | null {
  const values = Object.values(figures ?? {})
  return values.length === 0 ? null : fixed(values.reduce((sum, value) => sum + value, 0) / values.length, 3)
}

export const FIGURES: readonly Figure[] = [
  { title: 'Games played', meaning: 'Games that ended so far.', show: (u) => exactly(u.episode) },
  {
    title: 'Moves per second',
    meaning: 'How fast it plays and learns, all boards together.',
    show: (u) => roughly(u.steps_per_second),
  },
  {
    title: 'Game length',
    meaning: 'Moves of a recent game, on average.',
    show: (u) => (u.avg_game_length === null ? null : roughly(u.avg_game_length)),
  },
  {
    title: 'Entropy',
    meaning: 'How undecided it is: 1.39 is a coin of four sides, 0 is sure.',
    show: (u) => fixed(u.entropy, 3),
  },
  {
    title: 'Value explained',
    meaning: '1: it foresees its reward exactly. 0: no better than a guess.',
    show: (u) => fixed(u.explained_variance, 3),
  },
  {
    title: 'Policy change',
    meaning: 'How far one update moved the policy (KL). Above the KL limit it stops early.',
    show: (u) => fixed(u.approx_kl, 4),
  },
  { title: 'Clipped', meaning: 'Share of moves whose change was held back.', show: (u) => fixed(u.clip_fraction, 3) },
  { title: 'Policy loss', meaning: 'What the policy step made smaller.', show: (u) => fixed(u.policy_loss, 4) },
  { title: 'Value loss', meaning: 'Squared error of the reward it foresees.', show: (u) => fixed(u.value_loss, 4) },
  {
    title: 'Balance',
    meaning: 'How evenly the experts are used; larger is more even.',
    show: (u) => fixed(u.moe?.lb_reward, 3),
  },
  {
    title: 'Router entropy',
    meaning: 'How undecided routers are about a cell: 1 all experts alike, 0 sure.',
    show: (u) => meanOf(u.moe?.router_entropy),
  },
  {
    title: 'Load entropy',
    meaning: 'How even the experts are used: 1 even, 0 one gets every cell.',
    show: (u) => meanOf(u.moe?.load_entropy),
  },
  { title: 'Learning rate', meaning: 'Size of a step; it shrinks towards the end.', show: (u) => u.learning_rate.toPrecision(2) },
]
