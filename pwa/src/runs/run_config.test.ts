// @vitest-environment jsdom
import { beforeEach, expect, it } from 'vitest'
import type { Property } from '../generated/wire'
import {
  ALGORITHMS,
  backToRecipe,
  changeSetting,
  choiceStore,
  chooseAlgorithm,
  chooseRecipe,
  configOf,
  formsFor,
  longerRecipe,
  openChoice,
  plainOffers,
  recommendAlgorithm,
  recommendationFor,
  sanitizeChoice,
} from './run_config'

const formOf = (name: string) => [...formsFor('ppo'), ...formsFor('afterstate_td')].find((form) => form.name === name) as Property
const kept = (design = 'd1') => sanitizeChoice(JSON.parse(localStorage.getItem('model-studio-choices') ?? '{}')[design] ?? {})

beforeEach(() => {
  localStorage.clear()
  openChoice(null)
  openChoice('d1')
})

it('begins with the standard recipe for a policy', () => {
  expect(sanitizeChoice({})).toEqual({ recipe: 'standard', algorithm: 'ppo', picked: false, changes: {}, elsewhere: {} })
})

it('keeps a choice for each design', () => {
  chooseRecipe('quick_look')
  openChoice('d2')
  expect(choiceStore.getState().recipe).toBe('standard')
  chooseAlgorithm('afterstate_td')
  openChoice('d1')
  expect(choiceStore.getState()).toMatchObject({ recipe: 'quick_look', algorithm: 'ppo' })
  expect(kept('d2').algorithm).toBe('afterstate_td')
})

it('takes the algorithm that is recommended until a person chooses one', () => {
  recommendAlgorithm('afterstate_td')
  expect(choiceStore.getState().algorithm).toBe('afterstate_td')
  chooseAlgorithm('ppo')
  recommendAlgorithm('afterstate_td')
  expect(choiceStore.getState().algorithm).toBe('ppo')
})

it('recommends what scored most with the measured network nearest in size', () => {
  for (const flops of [1, 50_000, 2_000_000, 1e12]) {
    const { algorithm, like } = recommendationFor(flops)
    const scores = ALGORITHMS.map(({ name }) => like.scores[name] ?? 0)
    expect(like.scores[algorithm]).toBe(Math.max(...scores))
  }
  const small = recommendationFor(41_000).like
  expect(Math.abs(Math.log(small.flops / 41_000))).toBeLessThan(Math.log(2))
  expect(recommendationFor(1e12).like.flops).toBeGreaterThan(small.flops)
})

it('begins with the one choice of versions before, and with its algorithm only where a person certainly chose it', () => {
  const keepFormer = (choice: object) => localStorage.setItem('model-studio-recipe', JSON.stringify(choice))
  keepFormer({ recipe: 'long', algorithm: 'ppo', changes: {}, elsewhere: {} })
  openChoice('d3')
  expect(choiceStore.getState()).toMatchObject({ recipe: 'long', algorithm: 'ppo', picked: false })
  keepFormer({ recipe: 'long', algorithm: 'ppo', changes: { seed: 4 }, elsewhere: {} })
  openChoice('d4')
  expect(choiceStore.getState()).toMatchObject({ picked: true, changes: { seed: 4 } })
})

it('offers the next longer recipe after a run, the longest after that', () => {
  const offers = plainOffers('ppo')
  expect(offers.map(({ config }) => longerRecipe({ total_steps: config.total_steps ?? 0 }, 'ppo', offers))).toEqual([
    'standard',
    'long',
    'long',
  ])
})

it('keeps a choice on the phone, and what was changed with it', () => {
  chooseRecipe('quick_look')
  chooseAlgorithm('afterstate_td')
  changeSetting(formOf('n_envs'), 64)
  expect(kept()).toMatchObject({ recipe: 'quick_look', algorithm: 'afterstate_td', changes: { n_envs: 64 } })
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

it('lets another length keep what was changed beside the length', () => {
  changeSetting(formOf('total_steps'), 5000)
  changeSetting(formOf('seed'), 7)
  chooseRecipe('long')
  expect(choiceStore.getState()).toMatchObject({ recipe: 'long', changes: { seed: 7 } })
})

it('gives each algorithm back what was changed for it', () => {
  changeSetting(formOf('clip_coef'), 0.3)
  changeSetting(formOf('total_steps'), 5000)
  changeSetting(formOf('algorithm'), 'afterstate_td')
  expect(choiceStore.getState().changes).toEqual({})
  changeSetting(formOf('play_views'), 8)
  chooseRecipe('long')
  openChoice(null)
  openChoice('d1')
  chooseAlgorithm('ppo')
  expect(choiceStore.getState()).toMatchObject({ algorithm: 'ppo', changes: { clip_coef: 0.3 } })
  chooseAlgorithm('ppo')
  expect(choiceStore.getState().changes).toEqual({ clip_coef: 0.3 })
  chooseAlgorithm('afterstate_td')
  expect(choiceStore.getState().changes).toEqual({ play_views: 8 })
})

it('leaves out what a kept choice says of things that are no longer offered', () => {
  const old = { recipe: 'overnight', algorithm: 'ppo', changes: { seed: 3, n_envs: 0, warmth: 2 } } as const
  expect(sanitizeChoice(old)).toEqual({
    recipe: 'standard',
    algorithm: 'ppo',
    picked: false,
    changes: { seed: 3 },
    elsewhere: {},
  })
  const elsewhere = { afterstate_td: { play_views: 9, gamma: 0.9 }, alphazero: { gamma: 1 } }
  expect(sanitizeChoice({ ...old, elsewhere }).elsewhere).toEqual({ afterstate_td: { gamma: 0.9 } })
  expect(sanitizeChoice({ ...old, algorithm: 'alphazero' as 'ppo' })).toEqual(sanitizeChoice({}))
})
