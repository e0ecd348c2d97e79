/** Settings chosen for the next run of each design: duration, algorithm and changed settings; stored on the phone. */

import { createStore } from 'zustand/vanilla'
import { boundsProblem } from '../document/property_values'
import training from '../generated/training.json' with { type: 'json' }
import type { Machine, Property, RecipeOffer, TrainConfig } from '../generated/wire'
import { persisted, recordOf } from '../lib/persisted'

export type Algorithm = NonNullable<TrainConfig['algorithm']>

export interface Choice {
  recipe: string
  algorithm: Algorithm
  /** whether a person chose the algorithm; otherwise it is the one recommended for the design */
  picked: boolean
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
  /** what a person wants who should take it */
  goal: string
  goal_help: string
}

/** What was measured of a template (docs/experiments/learning-tables.csv). */
export interface MeasuredDesign {
  name: string
  /** multiply-adds per board */
  flops: number
  /** mean score of test games, by algorithm */
  scores: Partial<Record<Algorithm, number>>
}

interface Training {
  settings: Property[]
  algorithms: AlgorithmWords[]
  recipes: Record<Algorithm, RecipeOffer[]>
  average_server: Machine
  measured: { date: string; machine: string; seconds: number; designs: MeasuredDesign[] }
}

const { settings, algorithms, recipes, average_server, measured } = training as unknown as Training

/** In the order in which they are offered. */
export const ALGORITHMS: readonly AlgorithmWords[] = algorithms
const ALGORITHM_NAMES = ALGORITHMS.map(({ name }) => name)
export const DEFAULT_ALGORITHM = (ALGORITHMS[0] as AlgorithmWords).name

/** What is estimated with before any server was reached (shared_py/presets.py). */
export const AVERAGE_SERVER: Machine = average_server

/** When, where and for how long the scores of `Recommendation` were measured. */
export const MEASURED: Pick<Training['measured'], 'date' | 'machine' | 'seconds'> = measured

export interface Recommendation {
  algorithm: Algorithm
  /** the measured template whose size is nearest */
  like: MeasuredDesign
}

/** The algorithm that scored most with the measured template that needs about as many multiply-adds per board. */
export function recommendationFor(flops: number): Recommendation {
  const distance = (design: MeasuredDesign): number => Math.abs(Math.log((design.flops + 1) / (flops + 1)))
  const like = measured.designs.reduce((nearest, design) => (distance(design) < distance(nearest) ? design : nearest))
  const score = ({ name }: AlgorithmWords): number => like.scores[name] ?? 0
  return { algorithm: ALGORITHMS.reduce((best, row) => (score(row) > score(best) ? row : best)).name, like }
}

/** Seconds that the recipes are made for (shared_py/presets.py). */
export const LENGTH_S: Record<string, number> = { quick_look: 120, standard: 900, long: 7200 }

/** The settings that an algorithm reads. */
export const formsFor = (algorithm: Algorithm): readonly Property[] =>
  settings.filter(({ only_for }) => only_for === null || only_for.includes(algorithm))

/** "Parallel games · n_envs": the plain word first, then the name in settings, calls and code. */
export const labelOfSetting = ({ title, name }: Property): string => `${title} · ${name}`

/** The recipes as they are when the design or the server's speed is not known. */
export const plainOffers = (algorithm: Algorithm): readonly RecipeOffer[] => recipes[algorithm]

/** the name of the recipe with a user-defined number of moves (shared_py/presets.py) */
const OWN_LENGTH = 'own_length'
const FIRST: Choice = { recipe: 'standard', algorithm: DEFAULT_ALGORITHM, picked: false, changes: {}, elsewhere: {} }
const MAX_DESIGNS = 200

/** The choices by design, the newest last. */
const storedChoices = persisted('model-studio-choices', recordOf<Partial<Choice>>)
/** The one choice that versions before kept for all designs; only an algorithm that a person certainly chose counts. */
const formerChoice = persisted('model-studio-recipe', (stored) => {
  const choice = sanitizeChoice(recordOf(stored) as Partial<Choice>)
  return { ...choice, picked: choice.algorithm !== DEFAULT_ALGORITHM || isChanged(choice) }
})

export const choiceStore = createStore<Choice>(formerChoice.read)

let openDesign: string | null = null

/** Show and change the choice of this design from now on. */
export function openChoice(designId: string | null): void {
  if (designId === openDesign) return
  openDesign = designId
  const own = designId === null ? undefined : storedChoices.read()[designId]
  choiceStore.setState(own === undefined ? formerChoice.read() : sanitizeChoice(own), true)
}

export function chooseRecipe(recipe: string): void {
  if (recipe === OWN_LENGTH) return
  const { changes, elsewhere } = choiceStore.getState()
  const others = Object.entries(elsewhere).map(([name, theirs]) => [name, withoutLength(theirs)])
  keep({ recipe, changes: withoutLength(changes), elsewhere: Object.fromEntries(others) })
}

const withoutLength = ({ total_steps, ...others }: TrainConfig): TrainConfig => others

/** Each algorithm keeps its own changed settings; they are restored when the algorithm is chosen again. */
export function chooseAlgorithm(algorithm: Algorithm): void {
  keep({ ...switched(algorithm), picked: true })
}

/** Take the recommended algorithm unless a person chose one, and always one of those that can train the design. */
export function recommendAlgorithm(algorithm: Algorithm, possible: readonly string[] = ALGORITHM_NAMES): void {
  const choice = choiceStore.getState()
  const fits = possible.includes(choice.algorithm)
  const next = possible.includes(algorithm) ? algorithm : (possible[0] as Algorithm)
  if ((!choice.picked || !fits) && choice.algorithm !== next) choiceStore.setState(switched(next))
}

function switched(algorithm: Algorithm): Pick<Choice, 'algorithm' | 'changes' | 'elsewhere'> {
  const { algorithm: left, changes, elsewhere } = choiceStore.getState()
  const { [algorithm]: own = {}, ...others } = { ...elsewhere, [left]: changes }
  return { algorithm, changes: own, elsewhere: others }
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

/** The most moves of a run. */
export const MAX_MOVES = settings.find(({ name }) => name === 'total_steps')?.maximum ?? Number.POSITIVE_INFINITY

/** Train for this many moves, where that is allowed. */
export function chooseMoves(moves: number): void {
  const form = settings.find(({ name }) => name === 'total_steps')
  if (form) changeSetting(form, moves)
}

export function backToRecipe(): void {
  keep({ changes: {} })
}

function keep(part: Partial<Choice>): void {
  choiceStore.setState(part)
  if (openDesign === null) return
  const { [openDesign]: _, ...others } = storedChoices.read()
  const newest = Object.entries(others).slice(1 - MAX_DESIGNS)
  storedChoices.write({ ...Object.fromEntries(newest), [openDesign]: choiceStore.getState() })
}

/** The stored choice, restricted to what this version supports. */
export function sanitizeChoice({ recipe, algorithm, picked, changes, elsewhere }: Partial<Choice>): Choice {
  if (algorithm === undefined || !(algorithm in recipes)) return FIRST
  const others = Object.entries(elsewhere ?? {}).filter(([name]) => name in recipes)
  return {
    recipe: recipes[algorithm].some(({ name }) => name === recipe) ? (recipe as string) : FIRST.recipe,
    algorithm,
    picked: picked === true,
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
export function isChanged({ changes }: Choice): boolean {
  return Object.keys(changes).length > 0
}

/** Whether the run has a length of its own, in place of the recipe's. */
export const hasOwnLength = ({ changes }: Choice): boolean => changes.total_steps !== undefined

/** The chosen one of the recipes on offer, whatever was changed. */
export function recipeOf(offers: readonly RecipeOffer[], { recipe }: Choice): RecipeOffer {
  return offers.find(({ name }) => name === recipe) ?? (offers[0] as RecipeOffer)
}

/** The offer for the chosen recipe, or for the user's own number of moves if one is set. */
export function chosenOf(offers: readonly RecipeOffer[], choice: Choice): RecipeOffer {
  const own = hasOwnLength(choice) ? offers.find(({ name }) => name === OWN_LENGTH) : undefined
  return own ?? recipeOf(offers, choice)
}

/** The recipe one step longer than the one that a run had; the longest where there is none. */
export function longerRecipe(run: { total_steps: number }, algorithm: Algorithm, offers: readonly RecipeOffer[]): string {
  const known = offers.length > 0 ? offers : recipes[algorithm]
  const longer = known.find(({ name, config }) => name !== OWN_LENGTH && (config.total_steps ?? 0) > 1.5 * run.total_steps)
  return (longer ?? known.filter(({ name }) => name !== OWN_LENGTH).at(-1))?.name ?? FIRST.recipe
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
