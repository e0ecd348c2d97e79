/** What the screens know of the networks on this phone, and the settings of the background fetch. */

import { createStore } from 'zustand/vanilla'
import { persisted } from '../lib/persisted'
import type { KeptNetwork } from '../storage/networks'

interface NetworksState {
  /** the newest first */
  networks: KeptNetwork[]
  /** bytes of the networks that are being fetched, by id */
  fetching: Record<string, { done: number; total: number }>
  /** why a network could not be fetched, by id, as a sentence */
  trouble: Record<string, string>
  /** whether the last network did not fit on the phone */
  isFull: boolean
  /** when a network was last fetched in the background, in ms; null while none was in this page */
  lastBackgroundAt: number | null
  /** why the last one could not be */
  backgroundTrouble: string | null
}

export const networksStore = createStore<NetworksState>(() => ({
  networks: [],
  fetching: {},
  trouble: {},
  isFull: false,
  lastBackgroundAt: null,
  backgroundTrouble: null,
}))

/** A record without one of its keys. */
export function without<T>(record: Record<string, T>, key: string): Record<string, T> {
  const { [key]: _, ...others } = record
  return others
}

interface NetworkSettings {
  /** networks that take more space are fetched only when a person asks, in MB */
  maxBackgroundMb: number
  /** whether networks are fetched in the background at all */
  enabled: boolean
}

const DEFAULTS: NetworkSettings = { maxBackgroundMb: 10, enabled: true }

const stored = persisted('model-studio-network-settings', (value): NetworkSettings => {
  const { maxBackgroundMb, enabled } = (typeof value === 'object' && value !== null ? value : {}) as Partial<NetworkSettings>
  return {
    maxBackgroundMb: typeof maxBackgroundMb === 'number' && maxBackgroundMb > 0 ? maxBackgroundMb : DEFAULTS.maxBackgroundMb,
    enabled: typeof enabled === 'boolean' ? enabled : DEFAULTS.enabled,
  }
})

export const networkSettings = createStore<NetworkSettings>(() => stored.read())

/** Change settings, and remember them on this phone. */
export function changeNetworkSettings(change: Partial<NetworkSettings>): void {
  networkSettings.setState(change)
  stored.write(networkSettings.getState())
}
