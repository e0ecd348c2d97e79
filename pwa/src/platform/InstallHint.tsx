/** Offers to put the app on the home screen where the browser lets one. */

import { useState, useSyncExternalStore } from 'react'
import { persisted } from '../lib/persisted'
import { Icon } from '../ui/Icon'
import './hint.css'

interface InstallEvent extends Event {
  prompt: () => Promise<unknown>
}

let offered: InstallEvent | null = null
const listeners = new Set<() => void>()
const notify = () => {
  for (const listener of listeners) listener()
}

/** Keep the browser's offer to install until the person accepts it; called once, before the first render, since it comes early. */
export function watchInstall(): void {
  window.addEventListener('beforeinstallprompt', (event) => {
    event.preventDefault()
    offered = event as InstallEvent
    notify()
  })
  window.addEventListener('appinstalled', () => {
    offered = null
    notify()
  })
}

const subscribe = (changed: () => void) => {
  listeners.add(changed)
  return () => listeners.delete(changed)
}

const dismissedBefore = persisted('model-studio-install-dismissed', (stored) => stored !== undefined)

/** How to show the browser's dialog to install the app; undefined where it offers none. */
export function useInstallOffer(): (() => void) | undefined {
  const offer = useSyncExternalStore(subscribe, () => offered)
  return offer ? () => void offer.prompt() : undefined
}

export function InstallHint() {
  const install = useInstallOffer()
  const [dismissed, setDismissed] = useState(dismissedBefore.read)
  if (!install || dismissed) return null
  const later = () => {
    dismissedBefore.write(true)
    setDismissed(true)
  }
  return (
    <section className="hint" aria-label="Install">
      <p>Keep it on your home screen: it then works without a network, and the phone keeps your designs.</p>
      <button type="button" className="button" onClick={install}>
        Install
      </button>
      <button type="button" className="button" data-look="bare" data-square aria-label="Not now" onClick={later}>
        <Icon name="close" />
      </button>
    </section>
  )
}
