/** Delays what is not needed yet on a phone that has just scanned a pairing code, so that the designs of the server come first. */

import { uiStore } from '../editor/ui_state'

const DELAY_MS = 3000

/** Call `work` at once, or where a pairing code is about to be used a few seconds later. */
export function afterPairing(work: () => void): void {
  if (uiStore.getState().sheet?.name === 'pair') setTimeout(work, DELAY_MS)
  else work()
}
