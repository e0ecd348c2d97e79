/** Offers a newer version of the app that is ready on this phone. */

import { useState } from 'react'
import { useStore } from 'zustand'
import { applyUpdate, offlineState } from '../offline/offline'

export function UpdatePrompt() {
  const waiting = useStore(offlineState, (state) => state.updateWaiting)
  const [later, setLater] = useState(false)
  if (!waiting || later) return null
  return (
    <section className="update" aria-label="Update">
      <p>A newer version is ready.</p>
      <button type="button" className="button" data-look="bare" onClick={() => setLater(true)}>
        Later
      </button>
      <button type="button" className="button" data-look="primary" onClick={applyUpdate}>
        Update
      </button>
    </section>
  )
}
