/** Whether the server is in reach, as far as the phone can tell: a line to it is open, and the last call got through. */

import { useStore } from 'zustand'
import { liveState } from '../live/live'
import { syncState } from '../sync/sync'

export function useServerReachable(): boolean {
  const connected = useStore(liveState, (live) => live.connected)
  const through = useStore(syncState, (sync) => !sync.failing)
  return connected && through
}
