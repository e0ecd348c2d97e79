/** Where the work is kept, in words: on this phone, on the server, or on its way. */

import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { liveState } from '../live/live'
import { storageState } from '../storage/database'
import { type SyncState, syncState } from '../sync/sync'
import { plural } from '../theme/numbers'

/** What the sync state says to a person. */
export function syncWords({ status, waiting, detail }: Omit<SyncState, 'failing'>): string {
  switch (status) {
    case 'saved-on-server':
      return 'Saved on server'
    case 'waiting':
      return `${plural(waiting, 'change')} waiting`
    case 'syncing':
      return waiting > 0 ? `${plural(waiting, 'change')} waiting` : 'Saved on this phone'
    case 'attention':
      return detail ?? 'The server refused a change'
    case 'saved-on-phone':
      return 'Saved on this phone'
  }
}

export function SyncStatus() {
  const state = useStore(syncState)
  const { problem } = useStore(storageState)
  const offline = useOffline()
  return (
    <span className="sync" data-state={problem ? 'attention' : state.status}>
      <span role="status" aria-label="Sync">
        {offline && 'Offline · '}
        {problem ?? syncWords(state)}
      </span>
    </span>
  )
}

const SURE_MS = 2500

/** Whether the server has not been heard for a while: a short gap does not flicker. */
function useOffline(): boolean {
  const connected = useStore(liveState, (live) => live.connected)
  const [late, setLate] = useState(false)
  useEffect(() => {
    if (connected) return setLate(false)
    const timer = setTimeout(() => setLate(true), SURE_MS)
    return () => clearTimeout(timer)
  }, [connected])
  return late && !connected
}
