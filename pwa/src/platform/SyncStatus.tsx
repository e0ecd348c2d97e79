/** The sync status as text: saved on this phone, on the server, or waiting. A tap opens its details. */

import { useState } from 'react'
import { useStore } from 'zustand'
import { storageState } from '../storage/database'
import { syncState } from '../sync/sync'
import { Icon } from '../ui/Icon'
import { later, MissingSheet } from '../ui/later'
import { headerWords, NOT_CONNECTED } from './sync_words'
import './sync.css'
import { useOfflineDebounced } from './useOfflineDebounced'

const loadSheet = () => import('./SyncSheet')
const SyncSheet = later(loadSheet, (parts) => parts.SyncSheet, MissingSheet)

export function SyncStatus() {
  const state = useStore(syncState)
  const { problem } = useStore(storageState)
  const offline = useOfflineDebounced()
  const [open, setOpen] = useState(false)
  // a mark takes the place of the arrow: on a small phone there is no room for both
  const unpaired = state.failure === 'unpaired' && 'Not paired'
  const mark = state.stuck ? 'Stuck' : unpaired || ((offline || state.failure === 'offline') && 'Offline')
  const words = problem ?? headerWords(state, !offline)
  // the words alone may say it already
  const isMarked = mark && words !== mark && words !== NOT_CONNECTED
  const tone = problem || state.stuck || unpaired ? 'attention' : state.status
  return (
    <>
      <span className="sync" data-state={tone} role="status" aria-label="Sync">
        <button type="button" aria-haspopup="dialog" onClick={() => setOpen(true)}>
          {mark && <Icon name={mark === 'Offline' ? 'offline' : 'alert'} />}
          <span className="sync-words">
            {isMarked && <span className="sync-mark">{mark} · </span>}
            {words}
          </span>
          {!mark && <Icon name="unfold" />}
        </button>
      </span>
      {open && <SyncSheet onClose={() => setOpen(false)} />}
    </>
  )
}
