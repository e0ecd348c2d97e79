/** The live messages of the server: connects, reconnects, fills gaps; what they mean is for others. */
import { createStore } from 'zustand/vanilla'
import type { LiveMessage } from '../generated/wire'

export const liveState = createStore<{ connected: boolean }>(() => ({ connected: false }))

/** Hear every live message once, in order of `seq` per run; returns how to stop. */
export function onLiveMessage(_cb: (m: LiveMessage) => void): () => void {
  return () => {}
}

/** Connect from now on. */
export function startLive(): void {}
