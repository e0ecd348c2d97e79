/** Gives a text to another app, or to the clipboard where the browser cannot share. */

import { showToast } from '../ui/toasts'

export async function shareText(text: string): Promise<void> {
  if (navigator.share) {
    try {
      await navigator.share({ text })
      return
    } catch (error) {
      if (error instanceof DOMException && error.name === 'AbortError') return // the person closed the choice of apps
    }
  }
  try {
    await navigator.clipboard.writeText(text)
    showToast('Copied')
  } catch {
    showToast('This browser did not let the text be shared or copied', { tone: 'bad' })
  }
}
