/** The entry: starts Python before anything is drawn, then the app, then what works in the background. */
import { onLiveMessage, startLive } from './live/live'
import { startOffline } from './offline/offline'
import { startPython } from './python/client'
import { hearDesignChanged, startSync } from './sync/sync'

startPython()
await import('./main')
startSync()
onLiveMessage((message) => {
  if (message.type === 'design_changed') void hearDesignChanged(message)
})
startLive()
startOffline()
