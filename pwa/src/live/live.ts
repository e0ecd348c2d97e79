/** The live messages of the server over one WebSocket, and whether it is connected. */
import { createStore } from 'zustand/vanilla'
import { runMessagePage } from '../api/api'
import type { LiveMessage } from '../generated/wire'
import { MessageStream, type Socket } from './message_stream'

export const liveState = createStore<{ connected: boolean }>(() => ({ connected: false }))

/** the close code of the server for a device that was revoked or is not paired */
const UNPAIRED = 4401

const listeners = new Set<(message: LiveMessage) => void>()
let revoked = () => {}

function openSocket(after: number | undefined): Socket {
  const address = new URL('/ws', location.href)
  address.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:'
  if (after !== undefined) address.searchParams.set('after', String(after))
  const wire = new WebSocket(address)
  const socket: Socket = { onopen: null, onmessage: null, onclose: null, close: () => wire.close() }
  wire.onopen = () => socket.onopen?.()
  wire.onmessage = (event) => socket.onmessage?.(event)
  wire.onclose = ({ code }) => {
    if (code === UNPAIRED) revoked()
    socket.onclose?.()
  }
  return socket
}

const stream = new MessageStream(
  { open: openSocket, fetchMetrics: (runId, after) => runMessagePage(runId, after) },
  (message) => {
    for (const listener of [...listeners]) listener(message)
  },
  (connected) => liveState.setState({ connected }),
)

/** Call `listener` with every new message once, in the order of `seq`; returns how to stop. Older messages are read by `runMessages`. */
export function onLiveMessage(listener: (message: LiveMessage) => void): () => void {
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
  }
}

/** Call `listener` when the server closes the socket because the device was revoked. */
export function onRevoked(listener: () => void): void {
  revoked = listener
}

let started = false

/** Connect at once, for example after pairing; does nothing if connected, or before `startLive`. */
export function connectLive(): void {
  if (started) stream.connect()
}

/** Connect from now on; a lost connection is tried again at once when the network or the page comes back. */
export function startLive(): void {
  if (started) return
  started = true
  connectLive()
  addEventListener('online', () => stream.connect())
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') stream.connect()
  })
}
