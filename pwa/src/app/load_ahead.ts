/** Preloads what is likely to be opened next after the first screen is drawn, so that it opens at once and also offline. */

import { LaterCardMenu } from '../designs/later_menu'
import { DesignsScreen, Studio } from './LaterScreens'
import { BlockSheet, TemplatesDialog } from './LaterSheets'
import { Toasts } from './LaterToasts'

const LATEST_MS = 1000

const loadForecasting = () => import('../runs/forecast')

/** What cannot be loaded is tried again when it is opened. */
const ignore = () => {}

/** Preload when the page is idle, and start forecasting. */
export function loadAhead(): void {
  const load = () => {
    for (const part of [BlockSheet, Studio, Toasts, DesignsScreen, LaterCardMenu, TemplatesDialog]) part.preload().catch(ignore)
    loadForecasting().then(({ startForecasting }) => startForecasting(), ignore)
  }
  if ('requestIdleCallback' in window) requestIdleCallback(load, { timeout: LATEST_MS })
  else setTimeout(load)
}
