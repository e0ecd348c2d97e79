/** The sync status as text: saved on this phone, on the server, or waiting. */

import { useStore } from 'zustand'
import { storageState } from '../storage/database'
import { type SyncState, syncState } from '../sync/sync'
import { plural } from '../ui/numbers'
import { useOfflineDebounced } from './useOfflineDebounced'

/** The words for a sync state. */
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
  const offline = useOfflineDebounced()
  return (
    <span className="sync" data-state={problem ? 'attention' : state.status}>
      <span role="status" aria-label="Sync">
        {offline && 'Offline · '}
        {problem ?? syncWords(state)}
      </span>
    </span>
  )
}
