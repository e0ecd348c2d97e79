/** Whether the server has been unreachable for a while; a short gap is not shown. */

import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { liveState } from '../live/live'

export const OFFLINE_AFTER_MS = 2500

export function useOfflineDebounced(): boolean {
  const connected = useStore(liveState, (live) => live.connected)
  const [late, setLate] = useState(false)
  useEffect(() => {
    if (connected) return setLate(false)
    const timer = setTimeout(() => setLate(true), OFFLINE_AFTER_MS)
    return () => clearTimeout(timer)
  }, [connected])
  return late && !connected
}
