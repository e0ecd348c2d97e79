/** The messages between the page and the service worker. */

export type ToServiceWorker = { type: 'skip-waiting' } | { type: 'fill-pack' }

export interface PackMessage {
  type: 'pack'
  /** which pack the message is about: the service worker of a waiting update fills another one */
  packages: string
  state: 'filling' | 'ready' | 'failed'
  progress: number
  detail?: string
}
