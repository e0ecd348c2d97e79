/** Settings chosen for the next run: duration, algorithm and changed settings; stored on the phone, shared by all designs. */

import { createStore } from 'zustand/vanilla'
import { boundsProblem } from '../document/property_values'
import training from '../generated/training.json' with { type: 'json' }
import type { Machine, Property, RecipeOffer, TrainConfig } from '../generated/wire'
import { persisted, recordOf } from '../lib/persisted'

export type Algorithm = NonNullable<TrainConfig['algorithm']>

export interface Choice {
  recipe: string
  algorithm: Algorithm
  /** the settings that differ from the recipe's */
  changes: TrainConfig
  /** those that other algorithms had when they were left */
  elsewhere: Partial<Record<Algorithm, TrainConfig>>
}

/** What a person reads about an algorithm (shared_py/algorithms.py). */
export interface AlgorithmWords {
  name: Algorithm
  title: string
  /** what practitioners call it */
  term: string
  help: string
}

interface Training {
  settings: Property[]
  algorithms: AlgorithmWords[]
  recipes: Record<Algorithm, RecipeOffer[]>
  average_server: Machine
}

const { settings, algorithms, recipes, average_server } = training as unknown as Training

/** In the order in which they are offered. */
export const ALGORITHMS: readonly AlgorithmWords[] = algorithms
export const DEFAULT_ALGORITHM = (ALGORITHMS[0] as AlgorithmWords).name

/** What is estimated with before any server was reached (shared_py/presets.py). */
export const AVERAGE_SERVER: Machine = average_server

/** The settings that an algorithm reads. */
export const formsFor = (algorithm: Algorithm): readonly Property[] =>
  settings.filter(({ only_for }) => only_for === null || only_for.includes(algorithm))

/** "Parallel games · n_envs": the plain word first, then the name in settings, calls and code. */
export const labelOfSetting = ({ title, name }: Property): string => `${title} · ${name}`

/** The recipes as they are when the design or the server's speed is not known. */
export const plainOffers = (algorithm: Algorithm): readonly RecipeOffer[] => recipes[algorithm]

/** the name of the recipe with a user-defined number of moves (shared_py/presets.py) */
const OWN_LENGTH = 'own_length'
const FIRST: Choice = { recipe: 'standard', algorithm: DEFAULT_ALGORITHM, changes: {}, elsewhere: {} }
const storedChoice = persisted('model-studio-recipe', (stored) => sanitizeChoice(recordOf(stored) as Partial<Choice>))

export const choiceStore = createStore<Choice>(storedChoice.read)

export function chooseRecipe(recipe: string): void {
  if (recipe === OWN_LENGTH) return
  const { changes, elsewhere } = choiceStore.getState()
  const others = Object.entries(elsewhere).map(([name, theirs]) => [name, withoutLength(theirs)])
  keep({ recipe, changes: withoutLength(changes), elsewhere: Object.fromEntries(others) })
}

const withoutLength = ({ total_steps, ...others }: TrainConfig): TrainConfig => others

/** Each algorithm keeps its own changed settings; they are restored when the algorithm is chosen again. */
export function chooseAlgorithm(algorithm: Algorithm): void {
  const { algorithm: left, changes, elsewhere } = choiceStore.getState()
  const { [algorithm]: own = {}, ...others } = { ...elsewhere, [left]: changes }
  keep({ algorithm, changes: own, elsewhere: others })
}

/** Change one setting, where its bounds allow it; with undefined it is the recipe's again. */
export function changeSetting(form: Property, value: unknown): void {
  if (form.name === 'algorithm') {
    chooseAlgorithm(value as Algorithm)
  } else if (value === undefined) {
    const { [form.name as keyof TrainConfig]: _, ...changes } = choiceStore.getState().changes
    keep({ changes })
  } else if (isAllowed(form, value)) {
    keep({ changes: { ...choiceStore.getState().changes, [form.name]: value } })
  }
}

export function backToRecipe(): void {
  keep({ changes: {} })
}

function keep(part: Partial<Choice>): void {
  choiceStore.setState(part)
  storedChoice.write(choiceStore.getState())
}

/** The stored choice, restricted to what this version supports. */
export function sanitizeChoice({ recipe, algorithm, changes, elsewhere }: Partial<Choice>): Choice {
  if (algorithm === undefined || !(algorithm in recipes)) return FIRST
  const others = Object.entries(elsewhere ?? {}).filter(([name]) => name in recipes)
  return {
    recipe: recipes[algorithm].some(({ name }) => name === recipe) ? (recipe as string) : FIRST.recipe,
    algorithm,
    changes: allowedOf(changes),
    elsewhere: Object.fromEntries(others.map(([name, theirs]) => [name, allowedOf(theirs)])),
  }
}

function allowedOf(changes: TrainConfig | undefined): TrainConfig {
  const understoodSettings = settings.filter((form) => isAllowed(form, changes?.[form.name as keyof TrainConfig]))
  return Object.fromEntries(understoodSettings.map(({ name }) => [name, changes?.[name as keyof TrainConfig]]))
}

function isAllowed(form: Property, value: unknown): boolean {
  if (form.choices) return form.choices.some((choice) => choice === value)
  if (form.type === 'boolean') return typeof value === 'boolean'
  return Number.isFinite(value) && (form.type === 'number' || Number.isInteger(value)) && !boundsProblem(value, form)
}

/** Whether any setting differs from the recipe's. */
export const isChanged = ({ changes }: Choice): boolean => Object.keys(changes).length > 0

/** The chosen one of the recipes on offer, whatever was changed. */
export function recipeOf(offers: readonly RecipeOffer[], { recipe }: Choice): RecipeOffer {
  return offers.find(({ name }) => name === recipe) ?? (offers[0] as RecipeOffer)
}

/** The offer for the chosen recipe, or for the user's own number of moves if one is set. */
export function chosenOf(offers: readonly RecipeOffer[], choice: Choice): RecipeOffer {
  const own = choice.changes.total_steps === undefined ? undefined : offers.find(({ name }) => name === OWN_LENGTH)
  return own ?? recipeOf(offers, choice)
}

/** The settings a run is started with. */
export const configOf = (offers: readonly RecipeOffer[], choice: Choice): TrainConfig => ({
  ...chosenOf(offers, choice).config,
  ...choice.changes,
})

/** The boards of a minibatch: at most those that a pass draws from a rollout. */
export function wholeMinibatch(config: TrainConfig): number {
  const number = (name: keyof TrainConfig): number => Number(config[name] ?? settings.find((form) => form.name === name)?.default)
  return Math.min(
    number('minibatch_size'),
    Math.max(1, Math.round(number('update_share') * (number('n_envs') * number('n_steps')))),
  )
}
