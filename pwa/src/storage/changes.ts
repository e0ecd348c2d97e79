/** Notifies every tab and the service worker of changed rows: by their ids, so that each reads the stored content itself. */

export interface Change {
  store: 'designs' | 'commands' | 'networks' | 'sync' | 'telemetry'
  ids: string[]
  /** whether it is an edit of the person in this tab, which has to be synced */
  local: boolean
}

type Listener = (change: Change) => void

const listeners = new Set<Listener>()
let channel: BroadcastChannel | undefined

function openChannel(): BroadcastChannel | undefined {
  if (channel || typeof BroadcastChannel === 'undefined') return channel
  try {
    channel = new BroadcastChannel('model-studio-storage')
  } catch {
    // a browser that blocks storage: this page still notifies itself
    return undefined
  }
  channel.onmessage = (event: MessageEvent<Change>) => notifyThisTab({ ...event.data, local: false })
  return channel
}

function notifyThisTab(change: Change): void {
  for (const listener of [...listeners]) listener(change)
}

/** Notify this tab and all others that rows changed. */
export function announce(change: Change): void {
  notifyThisTab(change)
  openChannel()?.postMessage(change)
}

/** Call `listener` with every change, also those of other tabs and the service worker; returns how to stop. */
export function onChange(listener: Listener): () => void {
  openChannel()
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
  }
}

/** Close the channel to other tabs (tests). */
export function closeChannel(): void {
  channel?.close()
  channel = undefined
}
