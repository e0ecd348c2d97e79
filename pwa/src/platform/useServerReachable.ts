/** Whether the server can be reached, as far as the phone knows: the socket is open and the last sync succeeded. */

import { useStore } from 'zustand'
import { liveState } from '../live/live'
import { syncState } from '../sync/sync'

export function useServerReachable(): boolean {
  const connected = useStore(liveState, (live) => live.connected)
  const synced = useStore(syncState, (sync) => !sync.failing)
  return connected && synced
}
