/** When the phone syncs, and what it says about it; what is sent and how an answer is taken is `exchange.ts`. */
import { createStore } from 'zustand/vanilla'

export interface SyncState {
  status: 'saved-on-phone' | 'saved-on-server' | 'waiting' | 'syncing' | 'attention'
  /** designs and commands the server does not have yet */
  waiting: number
  lastSyncedAt?: string
  detail?: string
}

export const syncState = createStore<SyncState>(() => ({ status: 'saved-on-phone', waiting: 0 }))

/** Sync soon: after an edit with a short pause, otherwise at once. */
export function syncSoon(_reason: string): void {}

/** Sync from now on: on start, on `online`, on becoming visible, on a timer and after every edit. */
export function startSync(): void {}
