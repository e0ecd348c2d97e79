/** Delays what is not needed yet on a phone that has just scanned a pairing code, so that the designs of the server come first. */

const DELAY_MS = 3000

/** The address at the start, where it has a pairing code. */
export const pairing = location.hash.startsWith('#/pair/') ? location.hash : ''

/** Call `work` at once, or where a pairing code is used a few seconds later. */
export const afterPairing = (work: () => void): unknown => (pairing ? setTimeout(work, DELAY_MS) : work())
