/** The entry: starts Python, the app and what works in the background; on a first visit the app's own files go first. */
import { onLiveMessage, startLive } from './live/live'
import { startOffline } from './offline/offline'
import { startPython } from './python/client'
import { hearDesignChanged, startSync } from './sync/sync'

const isOnPhone = Boolean(globalThis.navigator.serviceWorker?.controller)
if (isOnPhone) startPython()
await import('./main')
startPython()
startSync()
onLiveMessage((message) => {
  if (message.type === 'design_changed') void hearDesignChanged(message)
})
startLive()
startOffline()
