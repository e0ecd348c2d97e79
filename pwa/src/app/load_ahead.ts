/** Loads what is likely to be opened next, once the first screen has come to rest, so that it opens at once. */

import { Chain, DesignsScreen, Studio } from './LaterScreens'
import { BlockSheet, TemplatesDialog } from './LaterSheets'
import { Toasts } from './LaterToasts'

/** After the first screen and the start of Python. */
const AT_REST_MS = 3000

const loadForecasting = () => import('../runs/forecast')

/** What cannot be loaded is tried again when it is opened. */
const ignore = () => {}

/** Load it, and begin to follow how fast the server trains. */
export function loadAhead(): void {
  setTimeout(async () => {
    loadForecasting().then(({ startForecasting }) => startForecasting(), ignore)
    for (const part of [Toasts, DesignsScreen, Studio, TemplatesDialog, BlockSheet, Chain]) {
      await idle()
      await part.preload().catch(ignore)
    }
  }, AT_REST_MS)
}

const idle = () =>
  new Promise<unknown>((resolve) => ('requestIdleCallback' in window ? requestIdleCallback(resolve) : setTimeout(resolve)))
