/** Tells every tab and the service worker which rows changed; it carries ids, never content. */

export interface Change {
  store: 'designs' | 'commands' | 'sync'
  ids: string[]
  /** whether a person did it here, so that it has to be sent */
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
    // a browser that blocks storage: this page hears of its own changes alone
    return undefined
  }
  channel.onmessage = (event: MessageEvent<Change>) => tellHere({ ...event.data, local: false })
  return channel
}

function tellHere(change: Change): void {
  for (const listener of [...listeners]) listener(change)
}

/** Say that rows changed, here and everywhere else. */
export function announce(change: Change): void {
  tellHere(change)
  openChannel()?.postMessage(change)
}

/** Hear of every change, also those of other tabs and of the service worker; returns how to stop. */
export function onChange(listener: Listener): () => void {
  openChannel()
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
  }
}

/** Let go of the channel (tests, and a page that goes). */
export function closeChannel(): void {
  channel?.close()
  channel = undefined
}
