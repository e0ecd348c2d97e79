import { expect, it } from 'vitest'
import type { Run, TrainingUpdate } from '../generated/wire'
import { canTrainLonger, longerOffers, suitableLonger } from './longer'
import { plainOffers } from './run_config'
import { trainingRun } from './test_runs'

const run: Run = { ...trainingRun, steps: 1000, total_steps: 1000, config: { algorithm: 'ppo', n_envs: 10, n_steps: 10 } }
const at = (steps: number, elapsed_s: number) => ({ steps, elapsed_s }) as TrainingUpdate

it('offers whole rollouts at the speed that the run had', () => {
  const offers = longerOffers(run, at(1000, 60))
  expect(offers.map(({ title, more, total }) => [title, more, total])).toEqual([
    ['2 minutes', 2000, 3000],
    ['15 minutes', 15_000, 16_000],
    ['2 hours', 120_000, 121_000],
  ])
})

it('offers a rollout at least, and the moves of the recipes where no speed is known', () => {
  expect(longerOffers(run, at(1, 600))[0]?.more).toBe(100)
  const [, standard] = plainOffers('ppo')
  expect(longerOffers(run, undefined)[1]?.more).toBe(Math.round((standard?.config.total_steps ?? 0) / 100) * 100)
})

it('counts from the moves that were made where a run made more than it was asked for', () => {
  expect(longerOffers({ ...run, steps: 1100 }, at(1100, 66))[0]?.total).toBe(3100)
})

it('starts from a length that is clearly longer', () => {
  const suitable = (elapsed_s: number) => suitableLonger(longerOffers(run, at(1000, elapsed_s)))?.title
  expect([20, 100, 800, 9000].map(suitable)).toEqual(['2 minutes', '15 minutes', '2 hours', '2 hours'])
})

it('is possible for a finished run of which the server has a state', () => {
  expect(canTrainLonger({ status: 'finished', saved_steps: 10 })).toBe(true)
  expect(canTrainLonger({ status: 'finished', saved_steps: null })).toBe(false)
  expect(canTrainLonger({ status: 'finished' } as Run)).toBe(false)
  expect(canTrainLonger({ status: 'stopped', saved_steps: 10 })).toBe(false)
})
