/** A hint with a link to pairing, shown while the server refuses this phone as not paired. */

import { useStore } from 'zustand'
import { syncState } from '../sync/sync'

/** The address that opens the pairing sheet. */
export const PAIRING = '#/pair'

export function PairingHint() {
  const unpaired = useStore(syncState, (state) => state.failure === 'unpaired')
  const before = useStore(syncState, (state) => state.lastSyncedAt !== undefined)
  if (!unpaired) return null
  return (
    <section className="hint" aria-label="Not paired">
      <p>
        {before
          ? 'The server no longer knows this phone. Your designs stay here and are sent once it is paired again.'
          : 'This phone is not paired with the server yet. You can draw already; nothing is lost.'}
      </p>
      <a className="button" href={PAIRING}>
        {before ? 'Pair again' : 'Pair'}
      </a>
    </section>
  )
}
