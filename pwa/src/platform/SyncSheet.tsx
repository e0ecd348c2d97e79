/** The details of sync: when the server was last reached, what waits and why, and the storage of this phone. */

import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { liveState } from '../live/live'
import { storageState } from '../storage/database'
import { type SyncState, syncState, tryNow, type WaitingItem } from '../sync/sync'
import { BottomSheet } from '../ui/BottomSheet'
import { Icon } from '../ui/Icon'
import { plural } from '../ui/numbers'
import { agoWords, momentOf } from '../ui/times'
import { upperFirst } from '../ui/words'
import { PAIRING } from './PairingHint'
import { StorageSection } from './StorageSection'
import './sync.css'
import { itemWords, serverWords, summaryWords, troubleWords } from './sync_words'

const NOT_STORED = 'Changes cannot be stored on this phone at present.'
const SHOWN = 6
const CLOCK_MS = 10_000

export function SyncSheet({ onClose }: { onClose: () => void }) {
  const state = useStore(syncState)
  const { problem } = useStore(storageState)
  const trouble = problem ?? troubleWords(state)
  return (
    <BottomSheet title="Sync" note={problem ? NOT_STORED : summaryWords(state)} onClose={onClose}>
      {trouble && (
        <div className="sync-trouble" role="status" aria-label="Problem">
          <Icon name={state.failure === 'offline' ? 'offline' : 'alert'} />
          <p>{trouble}</p>
        </div>
      )}
      {state.failure === 'unpaired' && (
        <a className="button pair-again" data-look="primary" href={PAIRING}>
          {state.lastSyncedAt ? 'Pair again' : 'Pair'}
        </a>
      )}
      <Facts state={state} />
      <button
        type="button"
        className="button try-now"
        data-look={trouble && state.failure !== 'unpaired' ? 'primary' : undefined}
        disabled={state.running}
        onClick={() => void tryNow()}
      >
        {state.running && <span className="spinner" aria-hidden="true" />}
        {state.running ? 'Syncing…' : 'Try now'}
      </button>
      {state.items.length > 0 && <Waiting items={state.items} total={state.waiting + state.refused + state.waitingCommands} />}
      <StorageSection />
    </BottomSheet>
  )
}

function Facts({ state }: { state: SyncState }) {
  const now = useNow()
  const connected = useStore(liveState, (live) => live.connected)
  const at = state.lastSyncedAt === undefined ? undefined : new Date(state.lastSyncedAt)
  return (
    <dl className="sync-facts">
      <div>
        <dt>Last synced</dt>
        <dd>
          {at ? upperFirst(agoWords(at, now)) : 'Never'} {at && <small>{momentOf(at)}</small>}
        </dd>
      </div>
      <div>
        <dt>Server</dt>
        <dd>
          {serverWords(state, connected)} <small className="sync-address">{location.origin}</small>
        </dd>
      </div>
    </dl>
  )
}

/** The time, read anew while it is shown, so that "2 min ago" stays true. */
function useNow(): Date {
  const [now, setNow] = useState(() => new Date())
  const synced = useStore(syncState, (state) => state.lastSyncedAt)
  // biome-ignore lint/correctness/useExhaustiveDependencies: after a sync the time is read at once
  useEffect(() => {
    setNow(new Date())
    const timer = setInterval(() => setNow(new Date()), CLOCK_MS)
    return () => clearInterval(timer)
  }, [synced])
  return now
}

function Waiting({ items, total }: { items: readonly WaitingItem[]; total: number }) {
  const more = total - Math.min(items.length, SHOWN)
  return (
    <section aria-label="Waiting">
      <h3 className="sheet-heading">Not on the server yet</h3>
      <ul className="sync-items">
        {items.slice(0, SHOWN).map((item) => (
          <li key={`${item.kind} ${item.id}`} data-refused={item.refused !== undefined || undefined}>
            <b>{item.name}</b>
            <span>{itemWords(item)}</span>
          </li>
        ))}
      </ul>
      {more > 0 && <p className="quiet">and {plural(more, 'more', 'more')}</p>}
    </section>
  )
}
