/** The messages between the page and the service worker. */

export type ToServiceWorker =
  | { type: 'skip-waiting' }
  | { type: 'fill-pack' }
  | { type: 'fill-play-pack' }
  /** how much of the Play pack is on the phone; one that was interrupted continues */
  | { type: 'check-play-pack' }
  | { type: 'remove-play-pack' }
  /** fetch every file of the Play pack again: one of those on the phone is damaged */
  | { type: 'renew-play-pack' }

/** How far the download of a pack is. */
export interface PackProgress {
  state: 'filling' | 'ready' | 'failed'
  /** share of the pack that is on the phone, 0 to 1 */
  progress: number
  detail?: string
  /** why it failed: the phone has no space, or a file could not be fetched whole */
  reason?: 'full' | 'interrupted'
}

export interface PackMessage extends PackProgress {
  type: 'pack'
  /** which pack the message is about: the service worker of a waiting update fills another one */
  packages: string
}

export interface PlayPackMessage extends Omit<PackProgress, 'state'> {
  type: 'play-pack'
  state: PackProgress['state'] | 'absent'
  /** size of the whole pack on the phone, in bytes */
  bytes: number
}

/** The tag of periodic background sync. */
export const PERIODIC_SYNC = 'designs'
