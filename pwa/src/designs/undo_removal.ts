/** The one removed design that can still be brought back from the list. */

import { createStore } from 'zustand/vanilla'

interface Removal {
  name: string
  bringBack: () => Promise<void>
}

const OFFERED_MS = 8000

export const removalStore = createStore<{ removal: Removal | null }>(() => ({ removal: null }))

/** Offer the way back for a few seconds. */
export function offerUndo(removal: Removal): void {
  removalStore.setState({ removal })
  setTimeout(() => {
    if (removalStore.getState().removal === removal) removalStore.setState({ removal: null })
  }, OFFERED_MS)
}
