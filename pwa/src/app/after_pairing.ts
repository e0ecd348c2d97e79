/** Delays what is not needed yet on a phone that has just scanned a pairing code, so that the designs of the server come first. */

const DELAY_MS = 3000

/** The address of the pairing sheet, perhaps with a code. */
export const PAIR = /^#\/pair(?:\/([0-9A-Za-z-]{1,64}))?$/

/** The pairing code of the address at the start, or an empty text. */
export const pairingCode = PAIR.exec(location.hash)?.[1] ?? ''

/** Call `work` at once, or where a pairing code is used a few seconds later. */
export const afterPairing = (work: () => void): unknown => (pairingCode ? setTimeout(work, DELAY_MS) : work())
