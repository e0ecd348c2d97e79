/** Starts Python, the app and what works in the background; on a first visit the app's own files go first. */

import { openSheet } from '../editor/ui_state'
import { showFailure } from '../failure/failure'
import { whenIdle } from '../lib/when_idle'
import { liveState, onLiveMessage, onRevoked, startLive } from '../live/live'
import { startBackgroundFetch } from '../networks/run_events'
import { startOffline } from '../offline/offline'
import { startPython } from '../python/client'
import { withDatabase } from '../storage/database'
import { onCommandFinished, onDesignChanged, setLive, startSync, syncSoon } from '../sync/sync'
import { afterPairing, pairingCode } from './after_pairing'
import { loadFirstScreen } from './first_screen'

const ignore = () => {}
if (pairingCode) import('./pair_early').catch(openPairing)
if (isOnPhone()) startPython()
withDatabase(async () => {}).catch((error: unknown) => showFailure(error))
const main = import('./main')
// in parallel with the app; a failure is handled where the screen is shown
loadFirstScreen().catch(ignore)
await (await main).shown
inBackground(startSync)
onLiveMessage((message) => {
  if (message.type === 'design_changed') void onDesignChanged(message)
  if (message.type === 'command_finished') void onCommandFinished(message)
})
liveState.subscribe(({ connected }) => setLive(connected))
onRevoked(() => syncSoon('revoked'))
startBackgroundFetch()
inBackground(startLive)
afterPairing(() => {
  startPython()
  inBackground(startOffline)
  whenIdle(() => {
    import('../notifications/renewal').then(({ startRenewal }) => startRenewal()).catch(ignore)
    import('../telemetry/recorder').then(({ startTelemetry }) => startTelemetry()).catch(ignore)
  })
})

/** The sheet exchanges the code itself where the part that does so earlier could not be loaded. */
async function openPairing(): Promise<void> {
  await (await main).shown
  openSheet({ name: 'pair', code: pairingCode })
}

/** Whether the app's files are on the phone already; in a sandboxed page even reading `serviceWorker` throws. */
function isOnPhone(): boolean {
  try {
    return Boolean(globalThis.navigator.serviceWorker?.controller)
  } catch {
    return false
  }
}

/** Begin something that the app can work without: some browsers refuse a socket or a service worker. */
function inBackground(begin: () => void): void {
  try {
    begin()
  } catch (error) {
    console.warn('not available in this browser:', error)
  }
}
