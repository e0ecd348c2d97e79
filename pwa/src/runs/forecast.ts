/** Forecast of a run before it starts, computed on the phone for the server it last reached, or for an average server. */

import { createStore } from 'zustand/vanilla'
import { readMachine } from '../api/api'
import { documentStore } from '../document/store'
import { type ValidationState, validationStore } from '../editor/validation'
import type {
  Forecast,
  Machine,
  MemoryEstimate,
  ModelArchitecture,
  RecipeOffer,
  TrainConfig,
  ValidationResult,
} from '../generated/wire'
import { Backoff } from '../lib/backoff'
import { persisted } from '../lib/persisted'
import { liveState } from '../live/live'
import { forecast, pythonState, recipes } from '../python/client'
import {
  ALGORITHMS,
  type Algorithm,
  AVERAGE_SERVER,
  type Choice,
  choiceStore,
  chosenOf,
  configOf,
  DEFAULT_ALGORITHM,
  hasOwnLength,
  isChanged,
  LENGTH_S,
  openChoice,
  plainOffers,
  recommendAlgorithm,
  recommendationFor,
} from './run_config'

interface ForecastState {
  /** speed and memory of the last reached server; null if no server was ever reached */
  machine: Machine | null
  /** the recipes, with what each would take */
  offers: readonly RecipeOffer[]
  /** what a run with the chosen settings would take */
  forecast: Forecast | null
  /** the design they were made for */
  forDesign: ModelArchitecture | null
  /** what the forecast is by */
  algorithm: Algorithm
  /** whether the design is not valid: unknown parts are not counted, and no recipe is fitted to it */
  partial: boolean
}

/** The server last reached, for forecasts without a network. */
const storedMachine = persisted('model-studio-machine', (stored) =>
  typeof stored === 'object' ? (stored as Machine | null) : null,
)
const SETTLED_MS = 150

export const forecastStore = createStore<ForecastState>(() => ({
  machine: storedMachine.read(),
  offers: [],
  forecast: null,
  forDesign: null,
  algorithm: DEFAULT_ALGORITHM,
  partial: false,
}))

/** The server that is estimated with. */
const serverOf = ({ machine }: ForecastState): Machine => machine ?? AVERAGE_SERVER

/** Which server the numbers before a run are of. */
export const serverWords = (machine: Machine | null): string => (machine ? 'on your server' : 'on an average server')

/** Read the machine data after each reconnect, then ever less often until the speed is measured; returns a stop function. */
export function startForecasting(): () => void {
  let stopped = false
  const backoff = new Backoff({ firstMs: 5000, maxMs: 300_000 })
  let again: ReturnType<typeof setTimeout> | undefined
  async function ask(): Promise<void> {
    await onMachine()
    clearTimeout(again)
    const isMeasured = forecastStore.getState().machine?.measured_at != null
    if (stopped || isMeasured || !liveState.getState().connected) return
    again = setTimeout(ask, backoff.nextMs())
  }
  function begin(): void {
    backoff.reset()
    void ask()
  }
  if (liveState.getState().connected) begin()
  const stop = liveState.subscribe(({ connected }, before) => {
    if (connected && !before.connected) begin()
  })
  return () => {
    stopped = true
    clearTimeout(again)
    stop()
  }
}

/** Read the machine and keep it for when there is no network; without an answer the last one stands. */
export async function onMachine(): Promise<void> {
  let machine: Machine
  try {
    machine = await readMachine()
  } catch {
    return
  }
  forecastStore.setState({ machine })
  storedMachine.write(machine)
}

let followers = 0
let stopFollowing = (): void => {}
let settling: ReturnType<typeof setTimeout> | undefined

/** Work out the forecast of the open design and the chosen settings, and again after every change; returns how to stop. */
export function followForecast(): () => void {
  followers += 1
  if (followers === 1) stopFollowing = subscribe()
  void update()
  return () => {
    followers -= 1
    if (followers === 0) stopFollowing()
  }
}

function subscribe(): () => void {
  const stops = [
    validationStore.subscribe(({ forDesign }, before) => forDesign !== before.forDesign && updateSoon()),
    pythonState.subscribe(() => void update()),
    choiceStore.subscribe(() => void update()),
    forecastStore.subscribe(({ machine }, before) => machine !== before.machine && void update()),
  ]
  return () => {
    clearTimeout(settling)
    for (const stop of stops) stop()
  }
}

/** At once for a design that was just opened; once its edits pause for a moment after that, so that validation comes first. */
function updateSoon(): void {
  clearTimeout(settling)
  if (forecastStore.getState().forDesign?.id !== validationStore.getState().forDesign?.id) void update()
  else settling = setTimeout(update, SETTLED_MS)
}

async function update(): Promise<void> {
  const { design } = documentStore.getState()
  const { result, forDesign } = validationStore.getState()
  const machine = serverOf(forecastStore.getState())
  prepareChoice()
  const choice = choiceStore.getState()
  if (!design || forDesign !== design || !result || pythonState.getState().status !== 'ready') return
  const { algorithm } = choice
  const partial = !result.valid
  try {
    const offers = partial ? plainOffers(algorithm) : await offersFor(design, choice)
    const { forecast: asOffered } = chosenOf(offers, choice)
    const needsOwnForecast = partial || isChanged(choice)
    const newest = needsOwnForecast ? await forecast(JSON.stringify(design), configOf(offers, choice), machine) : asOffered
    const still = documentStore.getState().design === design && choiceStore.getState() === choice
    if (still) forecastStore.setState({ offers, forecast: newest, forDesign: design, algorithm, partial })
  } catch {
    // superseded by a newer call, or Python failed: keep the last forecast
  }
}

/** Select the stored choice of the open design; without one, the algorithm that is recommended for it. */
function prepareChoice(): void {
  const { design } = documentStore.getState()
  const { result, forDesign } = validationStore.getState()
  openChoice(design?.id ?? null)
  if (!design || forDesign?.id !== design.id || !result) return
  recommendAlgorithm(recommendationFor(result.flops).algorithm, result.algorithms?.length ? result.algorithms : undefined)
}

const termOf = (algorithm: string): string => ALGORITHMS.find(({ name }) => name === algorithm)?.term ?? algorithm

/** The term of the algorithm whose memory a validation result estimates: the first one that can train the network. */
export const estimatedBy = (result: ValidationResult | null): string => termOf(result?.algorithms?.[0] ?? DEFAULT_ALGORITHM)

export interface MemoryToTrain {
  memory: MemoryEstimate
  /** the run it is of, in words that follow "for a run" */
  words: string
}

/**
 * The memory of the run that would be started for the shown design, else that of the validation, where Python has not computed it yet
 * or does not run here. While the design is edited the last answer stays, since the two differ.
 */
export function memoryToTrain({ result, forDesign, by }: ValidationState, state: ForecastState): MemoryToTrain | undefined {
  if (!result) return undefined
  if (!state.forecast || state.forDesign?.id !== forDesign?.id || by === 'server')
    return { memory: result.memory, words: `by ${estimatedBy(result)} with the default settings` }
  const words = `by ${termOf(state.algorithm)} with the settings of the Train screen, ${serverWords(state.machine)}`
  return { memory: state.forecast.memory, words }
}

/** How long the chosen run of a design takes; by the title of its length where that is not forecast, undefined for an own length. */
export function expectedSeconds(design: ModelArchitecture): number | undefined {
  const { forecast: newest, forDesign } = forecastStore.getState()
  const forecasted = forDesign?.id === design.id ? newest?.seconds : undefined
  const choice = choiceStore.getState()
  return forecasted ?? (hasOwnLength(choice) ? undefined : LENGTH_S[choice.recipe])
}

interface PendingOffers {
  design: ModelArchitecture
  algorithm: Algorithm
  machine: Machine
  ownMoves: number | undefined
  offers: Promise<RecipeOffer[]>
}

let pending: PendingOffers | undefined

/** The recipes for a design on the server last heard or an average one; who asks for the same meanwhile gets the same answer. */
function offersFor(design: ModelArchitecture, { algorithm, changes }: Choice): Promise<RecipeOffer[]> {
  const machine = serverOf(forecastStore.getState())
  const ownMoves = changes.total_steps
  const isSame = pending?.design === design && pending.algorithm === algorithm && pending.machine === machine
  if (pending && isSame && pending.ownMoves === ownMoves) return pending.offers
  const offers = recipes(JSON.stringify(design), algorithm, machine, ownMoves)
  pending = { design, algorithm, machine, ownMoves, offers }
  offers.catch(() => {
    if (pending?.offers === offers) pending = undefined
  })
  return offers
}

const PATIENCE_MS = 3000

/** The settings a run of the design is to start with, also where Python does not tell how many moves fit into the time. */
export async function settingsFor(design: ModelArchitecture): Promise<TrainConfig> {
  prepareChoice()
  const choice = choiceStore.getState()
  const plain = plainOffers(choice.algorithm)
  const late = new Promise<typeof plain>((resolve) => setTimeout(() => resolve(plain), PATIENCE_MS))
  const offers = await Promise.race([offersFor(design, choice).catch(() => plain), late])
  return configOf(offers, choice)
}
