/** A small mark while the server is not heard; it comes late, so that a short gap does not flicker. */

import { useStore } from 'zustand'
import { liveState } from '../live/live'
import { Icon } from '../theme/Icon'

export function OfflineBadge() {
  const connected = useStore(liveState, (state) => state.connected)
  if (connected) return null
  return (
    <span className="offline-badge" role="img" aria-label="No server">
      <Icon name="offline" />
    </span>
  )
}
