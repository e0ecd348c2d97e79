/** Loads what is likely to be opened next, once the first screen is drawn: it then opens at once, also where the connection is lost. */

import { LaterCardMenu } from '../designs/later_menu'
import { DesignsScreen, Studio } from './LaterScreens'
import { BlockSheet, TemplatesDialog } from './LaterSheets'
import { Toasts } from './LaterToasts'

const LATEST_MS = 1000

const loadForecasting = () => import('../runs/forecast')

/** What cannot be loaded is tried again when it is opened. */
const ignore = () => {}

/** Load it as soon as nothing else is to be done, and begin to follow how fast the server trains. */
export function loadAhead(): void {
  const load = () => {
    for (const part of [BlockSheet, Studio, Toasts, DesignsScreen, LaterCardMenu, TemplatesDialog]) part.preload().catch(ignore)
    loadForecasting().then(({ startForecasting }) => startForecasting(), ignore)
  }
  if ('requestIdleCallback' in window) requestIdleCallback(load, { timeout: LATEST_MS })
  else setTimeout(load)
}
