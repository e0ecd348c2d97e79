// @vitest-environment jsdom
import { beforeEach, expect, it } from 'vitest'
import type { Property } from '../generated/wire'
import {
  backToRecipe,
  changeSetting,
  choiceStore,
  chooseAlgorithm,
  chooseRecipe,
  configOf,
  formsFor,
  plainOffers,
  understood,
} from './choice'

const formOf = (name: string) => [...formsFor('ppo'), ...formsFor('afterstate_td')].find((form) => form.name === name) as Property
const kept = () => understood(JSON.parse(localStorage.getItem('model-studio-recipe') ?? '{}'))

beforeEach(() => {
  chooseRecipe('standard')
  chooseAlgorithm('ppo')
})

it('begins with the standard recipe for a policy', () => {
  expect(understood({})).toEqual({ recipe: 'standard', algorithm: 'ppo', changes: {} })
})

it('keeps a choice on the phone, and what was changed with it', () => {
  chooseRecipe('quick_look')
  chooseAlgorithm('afterstate_td')
  changeSetting(formOf('n_envs'), 64)
  expect(kept()).toEqual({ recipe: 'quick_look', algorithm: 'afterstate_td', changes: { n_envs: 64 } })
  const offers = plainOffers('afterstate_td')
  expect(configOf(offers, kept())).toEqual({ ...offers[0]?.config, n_envs: 64 })
})

it('holds to the bounds of a setting', () => {
  for (const [name, value] of [
    ['n_envs', 0],
    ['n_envs', 1.5],
    ['gamma', 1.01],
    ['reward', 'gold'],
    ['symmetries', 1],
    ['learning_rate', Number.NaN],
  ] as const) {
    changeSetting(formOf(name), value)
    expect(choiceStore.getState().changes).toEqual({})
  }
  changeSetting(formOf('gamma'), 1)
  changeSetting(formOf('reward'), 'points')
  changeSetting(formOf('symmetries'), true)
  expect(choiceStore.getState().changes).toEqual({ gamma: 1, reward: 'points', symmetries: true })
  changeSetting(formOf('reward'), undefined)
  expect(choiceStore.getState().changes).toEqual({ gamma: 1, symmetries: true })
  backToRecipe()
  expect(choiceStore.getState().changes).toEqual({})
})

it('offers only the settings that the algorithm reads', () => {
  const names = (algorithm: 'ppo' | 'afterstate_td') => formsFor(algorithm).map(({ name }) => name)
  expect(names('ppo')).toEqual(expect.arrayContaining(['gamma', 'clip_coef', 'target_kl']))
  expect(names('ppo')).not.toContain('play_views')
  expect(names('afterstate_td')).toEqual(expect.arrayContaining(['gamma', 'play_views', 'symmetries']))
  expect(names('afterstate_td')).not.toContain('clip_coef')
})

it('lets another length keep what was changed beside the length, and another algorithm nothing', () => {
  changeSetting(formOf('total_steps'), 5000)
  changeSetting(formOf('seed'), 7)
  chooseRecipe('long')
  expect(choiceStore.getState().changes).toEqual({ seed: 7 })
  changeSetting(formOf('algorithm'), 'afterstate_td')
  expect(choiceStore.getState()).toEqual({ recipe: 'long', algorithm: 'afterstate_td', changes: {} })
})

it('leaves out what a kept choice says of things that are no longer offered', () => {
  const old = { recipe: 'overnight', algorithm: 'ppo', changes: { seed: 3, n_envs: 0, warmth: 2 } } as const
  expect(understood(old)).toEqual({ recipe: 'standard', algorithm: 'ppo', changes: { seed: 3 } })
  expect(understood({ ...old, algorithm: 'alphazero' as 'ppo' })).toEqual(understood({}))
})
