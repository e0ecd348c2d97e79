/** What page and service worker say to each other. */

export type ToServiceWorker = { type: 'skip-waiting' } | { type: 'fill-pack' }

export interface PackMessage {
  type: 'pack'
  /** which pack is spoken of: a waiting update fills its own */
  packages: string
  state: 'filling' | 'ready' | 'failed'
  progress: number
  detail?: string
}
