/** The app as an installed thing: service worker, updates, the Python pack kept on the phone, lasting storage. */
import { createStore } from 'zustand/vanilla'

export interface OfflineState {
  pack: 'absent' | 'filling' | 'ready' | 'failed'
  /** share of the pack that is on the phone, 0 to 1 */
  progress: number
  updateWaiting: boolean
  /** whether the browser promised to keep the data; undefined while unknown */
  persisted: boolean | undefined
}

export const offlineState = createStore<OfflineState>(() => ({
  pack: 'absent',
  progress: 0,
  updateWaiting: false,
  persisted: undefined,
}))

/** Take the waiting update: every tab reloads into it. */
export function applyUpdate(): void {}

/** Register the service worker and keep the pack on the phone. */
export function startOffline(): void {}
