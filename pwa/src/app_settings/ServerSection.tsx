/** The server this phone works with: its address, whether it answers, when it last had everything. */

import { useStore } from 'zustand'
import { liveState } from '../live/live'
import { serverWords, syncWords } from '../platform/sync_words'
import { syncState } from '../sync/sync'
import { agoWords } from '../ui/times'
import { Row } from './Row'

export function ServerSection({ onDetails }: { onDetails: () => void }) {
  const state = useStore(syncState)
  const connected = useStore(liveState, (live) => live.connected)
  const synced = state.lastSyncedAt === undefined ? undefined : new Date(state.lastSyncedAt)
  return (
    <>
      <dl className="settings-facts">
        <div>
          <dt>Address</dt>
          <dd>{location.origin}</dd>
        </div>
        <div>
          <dt>Connection</dt>
          <dd>{serverWords(state, connected)}</dd>
        </div>
        <div>
          <dt>Last synced</dt>
          <dd>{synced ? agoWords(synced, new Date()) : 'never'}</dd>
        </div>
      </dl>
      <Row icon="connect" title="Sync" note={syncWords(state)} onOpen={onDetails} />
    </>
  )
}
