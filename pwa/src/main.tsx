/** Draws the app and ties its stores together; what works in the background is started by `boot.ts`. */

import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import './theme/tokens.css'
import './theme/base.css'
import { App } from './app/App'
import { startHistory } from './app/history'
import { watchInstall } from './app/InstallHint'
import { startKeyboard } from './app/keyboard'
import { startPlaces } from './app/place'
import { startSession } from './document/session'
import { startForecasting } from './recipe/forecast'
import { showFailure } from './start/failure'
import { startFollowing } from './train/runs'
import { startChecking } from './validate/verdict'

watchInstall()
startHistory()
startSession()
startPlaces()
startChecking()
startFollowing()
startForecasting()
startKeyboard()

const root = document.getElementById('root')
if (!root) throw new Error('the page has no #root')
createRoot(root, { onUncaughtError: (error) => showFailure(error, 'Model Studio stopped working') }).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
