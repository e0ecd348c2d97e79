/** The messages between the page and the service worker. */

export type ToServiceWorker = { type: 'skip-waiting' } | { type: 'fill-pack' }

export interface PackMessage {
  type: 'pack'
  /** which pack the message is about: the service worker of a waiting update fills another one */
  packages: string
  state: 'filling' | 'ready' | 'failed'
  progress: number
  detail?: string
  /** why it failed: the phone has no space, or a file could not be fetched whole */
  reason?: 'full' | 'interrupted'
}

/** The tag of periodic background sync. */
export const PERIODIC_SYNC = 'designs'
