/**
 * Watches runs for the background fetch of their networks. Its code is loaded with the first event, so that a first visit does
 * not download it.
 */

import type { CheckpointCreated, LiveMessage, RunStatusChanged } from '../generated/wire'
import { persisted } from '../lib/persisted'
import { liveState, onLiveMessage } from '../live/live'

export type RunEvent = CheckpointCreated | RunStatusChanged

/** Runs that were active when this phone last heard of them, with their designs: they may end while the app is closed. */
export const activeRuns = persisted('model-studio-active-runs', (value): Record<string, string> => {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : []
  return Object.fromEntries(entries.filter(([, designId]) => typeof designId === 'string'))
})

const isOfRun = (message: LiveMessage): message is RunEvent =>
  message.type === 'checkpoint_created' || message.type === 'run_status'

type Background = typeof import('./background_fetch')

/** Fetch networks in the background from now on; `load` is replaced by tests only. Returns how to stop. */
export function startBackgroundFetch(load: () => Promise<Background> = () => import('./background_fetch')): () => void {
  const use = (call: (background: Background) => void): void => {
    // after an update the code of this build may be gone from the server: the reload brings the new one
    load().then(call, () => {})
  }
  const onConnected = () => {
    if (Object.keys(activeRuns.read()).length > 0) use((background) => background.afterConnecting())
  }
  const stops = [
    onLiveMessage((message) => {
      if (isOfRun(message)) use((background) => background.takeRunEvent(message))
    }),
    liveState.subscribe(({ connected }, before) => {
      if (connected && !before.connected) onConnected()
    }),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}
