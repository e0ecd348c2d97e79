/** One ordered stream of numbered messages, from a socket that may break and a REST call that fills the gaps. */
import type { LiveMessage } from '../generated/wire'
import { Backoff } from '../lib/backoff'

/** The part of a `WebSocket` that is used. */
export interface Socket {
  onopen: (() => void) | null
  onmessage: ((event: { data: unknown }) => void) | null
  onclose: (() => void) | null
  close(): void
}

interface Sources {
  /** Open a socket that sends the messages after a sequence number; undefined: those from now on. */
  open(after: number | undefined): Socket
  /**
   * The stored messages of a run after `seq`, oldest first; possibly not all of them in one answer. From `firstSeq` on the server has
   * every message; below it, gaps in the numbers are messages that it has removed.
   */
  fetchMetrics(runId: string, after: number): Promise<{ messages: LiveMessage[]; firstSeq: number }>
}

const MAX_PAGES = 200

/** A message that is not stored has the number of the newest stored message, and only the newest of its type matters. */
const isStored = ({ type }: LiveMessage): boolean => type !== 'evaluation_progress'

/** Delivers each stored message once, in the order of `seq`. */
export class MessageStream {
  private socket: Socket | undefined
  private last: number | undefined
  /** the number after which the socket was asked for messages */
  private connectedAfter: number | undefined
  private held: LiveMessage[] = []
  private filling = false
  /** the highest `firstSeq` received: from this number on the server has every message */
  private firstSeq = 0
  private readonly backoff = new Backoff({ firstMs: 500, maxMs: 15_000 })
  private timer: ReturnType<typeof setTimeout> | undefined
  private readonly runs = new Set<string>()

  constructor(
    private readonly sources: Sources,
    private readonly deliver: (message: LiveMessage) => void,
    private readonly setConnected: (connected: boolean) => void,
  ) {}

  /** Connect now, unless connected. */
  connect(): void {
    clearTimeout(this.timer)
    if (this.socket) return
    this.connectedAfter = this.last
    const socket = this.sources.open(this.last)
    this.socket = socket
    socket.onopen = () => {
      this.backoff.reset()
      this.setConnected(true)
      // a run may have ended meanwhile: no further message would show the gap
      if (this.last !== undefined) void this.fillGap()
    }
    socket.onmessage = ({ data }) => this.receive(data)
    socket.onclose = () => this.reconnectLater(socket)
  }

  close(): void {
    clearTimeout(this.timer)
    const socket = this.socket
    this.socket = undefined
    socket?.close()
  }

  private reconnectLater(socket: Socket): void {
    if (this.socket !== socket) return
    this.socket = undefined
    this.setConnected(false)
    this.timer = setTimeout(() => this.connect(), this.backoff.nextMs())
  }

  private receive(data: unknown): void {
    const message = decodedMessage(data)
    if (!message) return
    if (message.run_id) this.runs.add(message.run_id)
    if (isStored(message)) this.receiveStored(message)
    else this.receiveUnstored(message)
  }

  private receiveStored(message: LiveMessage): void {
    if (this.connectedAfter !== undefined && message.seq <= this.connectedAfter) {
      // lower than requested: the server's data was restored from a copy, so its numbering restarted lower
      this.connectedAfter = undefined
      this.last = message.seq - 1
      this.held = []
      this.firstSeq = 0
    }
    if (this.last !== undefined && message.seq <= this.last) return
    this.held.push(message)
    if (this.filling) return
    if (this.last !== undefined && message.seq > Math.max(this.last + 1, this.firstSeq)) void this.fillGap()
    else this.deliverHeld()
  }

  /** Deliver a message that is not stored; if an older message is missing, fetch that instead: another of this type follows soon. */
  private receiveUnstored(message: LiveMessage): void {
    if (message.seq <= (this.last ?? message.seq)) this.deliver(message)
    else void this.fillGap()
  }

  /** Deliver the held messages in order, each number once. */
  private deliverHeld(): void {
    const held = this.held.sort((a, b) => a.seq - b.seq)
    this.held = []
    for (const message of held) {
      if (this.last !== undefined && message.seq <= this.last) continue
      this.last = message.seq
      this.deliver(message)
    }
  }

  private async fillGap(): Promise<void> {
    if (this.filling) return
    this.filling = true
    const from = this.last ?? 0
    for (const runId of this.runs) {
      try {
        this.held.push(...(await this.fetchMissed(runId, from)))
      } catch {
        // not reachable: held messages are delivered with the gap, rather than late
      }
    }
    this.filling = false
    this.deliverHeld()
  }

  private async fetchMissed(runId: string, from: number): Promise<LiveMessage[]> {
    const missed: LiveMessage[] = []
    let after = from
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const { messages, firstSeq } = await this.sources.fetchMetrics(runId, after)
      this.firstSeq = Math.max(this.firstSeq, firstSeq)
      const newest = messages.at(-1)?.seq
      if (newest === undefined || newest <= after) break
      missed.push(...messages)
      after = newest
    }
    return missed
  }
}

function decodedMessage(data: unknown): LiveMessage | undefined {
  if (typeof data !== 'string') return undefined
  try {
    const message = JSON.parse(data) as Partial<LiveMessage>
    return typeof message.type === 'string' && typeof message.seq === 'number' ? (message as LiveMessage) : undefined
  } catch {
    return undefined
  }
}
