/** After a start, gives the server the subscription again that it may have lost: it was paired anew, or has another key. */

import { liveState } from '../live/live'
import { wanted } from './wanted'

/** Renew once when the server is reached, if the person turned notifications on here; nothing is asked. */
export function startRenewal(): void {
  if (!wanted.read()) return
  const stop = liveState.subscribe(({ connected }) => {
    if (!connected) return
    stop()
    import('./notifications').then(({ readNotifications }) => readNotifications()).catch(() => {})
  })
}
