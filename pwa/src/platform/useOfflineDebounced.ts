/** Whether the server has not been heard for a while: a short gap does not flicker. */

import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { liveState } from '../live/live'

export const SURE_MS = 2500

export function useOfflineDebounced(): boolean {
  const connected = useStore(liveState, (live) => live.connected)
  const [late, setLate] = useState(false)
  useEffect(() => {
    if (connected) return setLate(false)
    const timer = setTimeout(() => setLate(true), SURE_MS)
    return () => clearTimeout(timer)
  }, [connected])
  return late && !connected
}
