/** Offers to put the app on the home screen where the browser lets one. */

import { useState, useSyncExternalStore } from 'react'
import { Icon } from '../ui/Icon'

interface InstallEvent extends Event {
  prompt: () => Promise<unknown>
}

let offered: InstallEvent | null = null
const listeners = new Set<() => void>()
const tell = () => {
  for (const listener of listeners) listener()
}

/** Keep the browser's offer until the person takes it up; called once, before anything is drawn. */
export function watchInstall(): void {
  window.addEventListener('beforeinstallprompt', (event) => {
    event.preventDefault()
    offered = event as InstallEvent
    tell()
  })
  window.addEventListener('appinstalled', () => {
    offered = null
    tell()
  })
}

const subscribe = (changed: () => void) => {
  listeners.add(changed)
  return () => listeners.delete(changed)
}

const DISMISSED = 'model-studio-install-dismissed'

function wasDismissed(): boolean {
  try {
    return localStorage.getItem(DISMISSED) !== null
  } catch {
    return false
  }
}

function noteDismissed(): void {
  try {
    localStorage.setItem(DISMISSED, 'yes')
  } catch {
    // a full or forbidden store costs only that the hint is shown again
  }
}

export function InstallHint() {
  const offer = useSyncExternalStore(subscribe, () => offered)
  const [dismissed, setDismissed] = useState(wasDismissed)
  if (!offer || dismissed) return null
  const later = () => {
    noteDismissed()
    setDismissed(true)
  }
  return (
    <section className="hint" aria-label="Install">
      <p>Keep it on your home screen: it then works without a network, and the phone keeps your designs.</p>
      <button type="button" className="button" onClick={() => void offer.prompt()}>
        Install
      </button>
      <button type="button" className="button" data-look="bare" data-square aria-label="Not now" onClick={later}>
        <Icon name="close" />
      </button>
    </section>
  )
}
