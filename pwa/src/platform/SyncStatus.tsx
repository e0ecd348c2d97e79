/** The sync status as text: saved on this phone, on the server, or waiting. A tap opens its details. */

import { useState } from 'react'
import { useStore } from 'zustand'
import { storageState } from '../storage/database'
import { syncState } from '../sync/sync'
import { Icon } from '../ui/Icon'
import { SyncSheet } from './SyncSheet'
import { syncWords } from './sync_words'
import './sync.css'
import { useOfflineDebounced } from './useOfflineDebounced'

export function SyncStatus() {
  const state = useStore(syncState)
  const { problem } = useStore(storageState)
  const offline = useOfflineDebounced()
  const [open, setOpen] = useState(false)
  const tone = problem || state.stuck ? 'attention' : state.status
  return (
    <>
      <span className="sync" data-state={tone} role="status" aria-label="Sync">
        <button type="button" aria-haspopup="dialog" onClick={() => setOpen(true)}>
          <span className="sync-words">
            {state.stuck ? 'Stuck · ' : offline && 'Offline · '}
            {problem ?? syncWords(state)}
          </span>
          <Icon name="unfold" />
        </button>
      </span>
      {open && <SyncSheet onClose={() => setOpen(false)} />}
    </>
  )
}
