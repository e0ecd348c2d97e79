/** The choices of "Train longer": how many moves each adds, and which one is the default. */

import type { Run, TrainingUpdate } from '../generated/wire'
import { algorithmOf } from './labels'
import { LENGTH_S, plainOffers } from './run_config'

export interface Longer {
  /** the recipe of that length */
  name: string
  /** "15 minutes" */
  title: string
  /** moves that are added, in whole rollouts */
  more: number
  /** moves of the whole run then */
  total: number
}

/** Whether a run that made all of its moves can be given more; servers of older versions do not send `saved_steps`. */
export const canTrainLonger = ({ status, saved_steps }: Pick<Run, 'status' | 'saved_steps'>): boolean =>
  status === 'finished' && saved_steps != null

/** The choices for a run, at its speed so far including test games; `update` is its newest one. */
export function longerOffers(run: Run, update: TrainingUpdate | undefined): Longer[] {
  const rollout = Math.max(1, Number(run.config.n_envs ?? 1) * Number(run.config.n_steps ?? 1))
  const made = Math.max(run.steps, run.total_steps)
  const speed = update && update.elapsed_s > 0 ? update.steps / update.elapsed_s : undefined
  return plainOffers(algorithmOf(run)).flatMap(({ name, title, config }) => {
    const seconds = LENGTH_S[name]
    if (seconds === undefined) return []
    const moves = speed === undefined ? (config.total_steps ?? 0) : speed * seconds
    const more = Math.max(1, Math.round(moves / rollout)) * rollout
    return [{ name, title, more, total: made + more }]
  })
}

/** The default choice: the first that makes the run at least three times as long, else the longest. */
export const suitableLonger = (offers: readonly Longer[]): Longer | undefined =>
  offers.find(({ more, total }) => more >= 2 * (total - more)) ?? offers.at(-1)

/** Whether the learning rate falls along a run, so that it rises again where the run becomes longer. */
export const hasFallingRate = ({ config }: Run): boolean =>
  Number(config.final_learning_rate ?? 0) < Number(config.learning_rate ?? 0)
