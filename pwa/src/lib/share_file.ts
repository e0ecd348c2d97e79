/** Shares files with other apps of the phone (Web Share API), where the browser can. */

/**
 * What came of a share. `needs-tap`: the tap that asked for it is too long ago for the browser; `refused`: the browser does not
 * share files of this type, which some report only when it is tried.
 */
export type ShareOutcome = 'shared' | 'cancelled' | 'needs-tap' | 'refused'

/** Whether the browser says that it can share such a file. */
export function canShare(file: File): boolean {
  try {
    return typeof navigator.share === 'function' && navigator.canShare?.({ files: [file] }) === true
  } catch {
    return false
  }
}

/** Offer a file to other apps, with a text for those that show one. */
export async function shareFile(file: File, text?: string): Promise<ShareOutcome> {
  if (navigator.userActivation?.isActive === false) return 'needs-tap'
  try {
    await navigator.share({ files: [file], ...(text && { text }) })
    return 'shared'
  } catch (error) {
    const name = error instanceof DOMException ? error.name : ''
    // InvalidStateError: another share is still open
    return name === 'AbortError' || name === 'InvalidStateError' ? 'cancelled' : 'refused'
  }
}
