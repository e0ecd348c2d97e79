/** Renders the app and starts its stores; background work is started by `boot.ts`. */

import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import '../ui/tokens.css'
import '../ui/base.css'
import { startPlaces } from '../editor/navigation'
import { startSession } from '../editor/session'
import { startUndoLog } from '../editor/undo_log'
import { startChecking } from '../editor/validation'
import { showFailure } from '../failure/failure'
import { startHistory } from '../navigation/history'
import { watchInstall } from '../platform/InstallHint'
import { startFollowingAll } from '../runs/all_runs'
import { startSendingLabels } from '../runs/run_labels'
import { startFollowing } from '../runs/runs'
import { startTextRoom } from '../ui/text_room'
import { startTheme } from '../ui/theme'
import { App } from './App'
import { afterPairing } from './after_pairing'
import { isList } from './first_screen'
import { startFirstSteps } from './first_steps'
import { startIncoming } from './incoming'
import { startKeyboard } from './keyboard'
import { DesignsScreen, Studio } from './LaterScreens'
import { loadAhead } from './load_ahead'
import { startReloading } from './reload'
import { startShortcuts } from './shortcuts'

startTheme()
startTextRoom()
watchInstall()
startHistory()
startUndoLog()
startSession()
startPlaces()
startChecking()
startFollowing()
startFollowingAll()
startSendingLabels()
startKeyboard()
startReloading()
startShortcuts()
startFirstSteps()
startIncoming()

const root = document.getElementById('root')
if (!root) throw new Error('the page has no #root')

/** Show why the app stopped; listeners for errors get it too, as they would without a handler of React. */
const stopWith = (error: unknown) => {
  dispatchEvent(new ErrorEvent('error', { error }))
  showFailure(error, 'Model Studio stopped working')
}

const render = () => {
  createRoot(root, { onUncaughtError: stopWith }).render(
    <StrictMode>
      <App />
    </StrictMode>,
  )
  afterPairing(loadAhead)
}

/** Resolves when the first screen is drawn; if it cannot be loaded, an error is shown in its place. */
export const shown: Promise<void> = (isList() ? DesignsScreen : Studio).preload().then(render, render)
