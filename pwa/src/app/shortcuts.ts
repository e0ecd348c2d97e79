/** The shortcuts of the installed app's icon, each an address of its own: what it does is done once, and the address goes. */

import { openSheet } from '../editor/ui_state'
import { placeNow, replacePlace } from '../navigation/history'

const openGallery = (): void => openSheet({ name: 'templates' })

/**
 * By address; `public/manifest.webmanifest` names them. The list of designs is an address like any other and needs no entry.
 * Phones that installed the app earlier have a shortcut to `#/templates`.
 */
export const SHORTCUTS: Record<string, () => void> = { '#/new': openGallery, '#/templates': openGallery }

function follow(): void {
  const run = SHORTCUTS[placeNow()]
  if (!run) return
  // a reload or a step back must not do it again
  replacePlace('#/')
  run()
}

/** Follow the address from now on; returns a function that stops this. */
export function startShortcuts(): () => void {
  window.addEventListener('hashchange', follow)
  follow()
  return () => window.removeEventListener('hashchange', follow)
}
