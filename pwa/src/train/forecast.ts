/** What a run would take, before it is asked for: worked out on the phone from what the server last said of itself. */

import { createStore } from 'zustand/vanilla'
import { readMachine } from '../api/api'
import { documentStore } from '../document/store'
import type { Forecast, Machine, ModelArchitecture } from '../generated/wire'
import { liveState } from '../live/live'
import { forecast, pythonState } from '../python/client'
import { verdictStore } from '../validate/verdict'

interface ForecastState {
  /** what the server is, as far as it was ever heard */
  machine: Machine | null
  forecast: Forecast | null
  /** the design it was made for */
  of: ModelArchitecture | null
}

const REMEMBERED = 'model-studio-machine'

export const forecastStore = createStore<ForecastState>(() => ({ machine: rememberedMachine(), forecast: null, of: null }))

function rememberedMachine(): Machine | null {
  try {
    return JSON.parse(localStorage.getItem(REMEMBERED) ?? 'null') as Machine | null
  } catch {
    return null
  }
}

/** Ask the server what it is whenever it is heard again; returns how to stop. */
export function startForecasting(): () => void {
  if (liveState.getState().connected) void hearMachine()
  return liveState.subscribe(({ connected }, before) => {
    if (connected && !before.connected) void hearMachine()
  })
}

/** Read the machine and keep it for when there is no network; without an answer the last one stands. */
export async function hearMachine(): Promise<void> {
  let machine: Machine
  try {
    machine = await readMachine()
  } catch {
    return
  }
  forecastStore.setState({ machine, of: null })
  try {
    localStorage.setItem(REMEMBERED, JSON.stringify(machine))
  } catch {
    // a full or forbidden store costs only the forecast while offline
  }
}

/** Work out the forecast of the open design, and again after every change to it; returns how to stop. */
export function followForecast(): () => void {
  const stops = [
    verdictStore.subscribe(() => void look()),
    pythonState.subscribe(() => void look()),
    forecastStore.subscribe(({ machine }, before) => machine !== before.machine && void look()),
  ]
  void look()
  return () => {
    for (const stop of stops) stop()
  }
}

async function look(): Promise<void> {
  const { design } = documentStore.getState()
  const { verdict, of } = verdictStore.getState()
  const { machine, of: told } = forecastStore.getState()
  const fit = design && of === design && verdict?.valid
  if (!fit || !machine || told === design || pythonState.getState().status !== 'ready') return
  try {
    const said = await forecast(JSON.stringify(design), {}, machine)
    if (documentStore.getState().design === design) forecastStore.setState({ forecast: said, of: design })
  } catch {
    // superseded, or this Python cannot tell: nothing is said
  }
}
