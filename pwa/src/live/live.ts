/** The live messages of the server: connects, reconnects, fills gaps; what they mean is for others. */
import { createStore } from 'zustand/vanilla'
import { runMessages } from '../api/api'
import type { LiveMessage } from '../generated/wire'
import { Feed, type Socket } from './message_stream'

export const liveState = createStore<{ connected: boolean }>(() => ({ connected: false }))

const listeners = new Set<(m: LiveMessage) => void>()

function open(after: number | undefined): Socket {
  const address = new URL('/ws', location.href)
  address.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:'
  if (after !== undefined) address.searchParams.set('after', String(after))
  const wire = new WebSocket(address)
  const socket: Socket = { onopen: null, onmessage: null, onclose: null, close: () => wire.close() }
  wire.onopen = () => socket.onopen?.()
  wire.onmessage = (event) => socket.onmessage?.(event)
  wire.onclose = () => socket.onclose?.()
  return socket
}

const feed = new Feed(
  { open, fetchMetrics: runMessages },
  (message) => {
    for (const listener of [...listeners]) listener(message)
  },
  (connected) => liveState.setState({ connected }),
)

/** Hear every live message once, in order of `seq`; returns how to stop. What came before is `runMessages` of `api/`. */
export function onLiveMessage(cb: (m: LiveMessage) => void): () => void {
  listeners.add(cb)
  return () => {
    listeners.delete(cb)
  }
}

let started = false

/** Connect from now on, at once again when the network or the person comes back. */
export function startLive(): void {
  if (started) return
  started = true
  feed.connect()
  addEventListener('online', () => feed.connect())
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') feed.connect()
  })
}
