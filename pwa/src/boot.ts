/** The entry: starts Python before anything is drawn, then the app, then what works in the background. */
import { startLive } from './live/live'
import { startOffline } from './offline/offline'
import { startPython } from './python/client'
import { startSync } from './sync/sync'

startPython()
await import('./main')
startSync()
startLive()
startOffline()
