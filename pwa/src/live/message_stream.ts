/** One stream of numbered messages out of a socket that may break and a REST call that fills gaps; it draws nothing. */
import type { LiveMessage } from '../generated/wire'

/** The part of a `WebSocket` that is used. */
export interface Socket {
  onopen: (() => void) | null
  onmessage: ((event: { data: unknown }) => void) | null
  onclose: (() => void) | null
  close(): void
}

interface Sources {
  /** Open a socket that sends what comes after `seq`; undefined: from now on. */
  open(after: number | undefined): Socket
  /** The stored messages of a run after `seq`, oldest first; possibly not all of them in one answer. */
  fetchMetrics(runId: string, after: number): Promise<LiveMessage[]>
}

const BACKOFF_MS = [500, 1_000, 2_000, 4_000, 8_000, 15_000]
const PAGES_AT_MOST = 200

export class Feed {
  private socket: Socket | undefined
  private last: number | undefined
  private held: LiveMessage[] = []
  private filling = false
  private failures = 0
  private timer: ReturnType<typeof setTimeout> | undefined
  private readonly runs = new Set<string>()

  constructor(
    private readonly sources: Sources,
    private readonly deliver: (message: LiveMessage) => void,
    private readonly tell: (connected: boolean) => void,
  ) {}

  /** Connect now, unless connected. */
  connect(): void {
    clearTimeout(this.timer)
    if (this.socket) return
    const socket = this.sources.open(this.last)
    this.socket = socket
    socket.onopen = () => {
      this.failures = 0
      this.tell(true)
      // what was missed while away, also when nothing comes any more
      if (this.last !== undefined) void this.fill()
    }
    socket.onmessage = ({ data }) => this.hear(data)
    socket.onclose = () => this.lose(socket)
  }

  close(): void {
    clearTimeout(this.timer)
    const socket = this.socket
    this.socket = undefined
    socket?.close()
  }

  private lose(socket: Socket): void {
    if (this.socket !== socket) return
    this.socket = undefined
    this.tell(false)
    const delay = BACKOFF_MS[Math.min(this.failures, BACKOFF_MS.length - 1)] ?? 0
    this.failures += 1
    this.timer = setTimeout(() => this.connect(), delay * (0.75 + Math.random() / 2))
  }

  private hear(data: unknown): void {
    const message = decoded(data)
    if (!message) return
    if (message.run_id) this.runs.add(message.run_id)
    if (this.last !== undefined && message.seq <= this.last) return
    this.held.push(message)
    if (this.filling) return
    if (this.last !== undefined && message.seq > this.last + 1) void this.fill()
    else this.release()
  }

  /** Hand out what is held, in order, each number once. */
  private release(): void {
    const held = this.held.sort((a, b) => a.seq - b.seq)
    this.held = []
    for (const message of held) {
      if (this.last !== undefined && message.seq <= this.last) continue
      this.last = message.seq
      this.deliver(message)
    }
  }

  private async fill(): Promise<void> {
    if (this.filling) return
    this.filling = true
    const from = this.last ?? 0
    for (const runId of this.runs) {
      try {
        this.held.push(...(await this.missed(runId, from)))
      } catch {
        // not reachable: what is held goes out, the next gap or reconnect asks again
      }
    }
    this.filling = false
    this.release()
  }

  private async missed(runId: string, from: number): Promise<LiveMessage[]> {
    const found: LiveMessage[] = []
    let after = from
    for (let page = 0; page < PAGES_AT_MOST; page += 1) {
      const some = await this.sources.fetchMetrics(runId, after)
      const newest = some.at(-1)?.seq
      if (newest === undefined || newest <= after) break
      found.push(...some)
      after = newest
    }
    return found
  }
}

function decoded(data: unknown): LiveMessage | undefined {
  if (typeof data !== 'string') return undefined
  try {
    const message = JSON.parse(data) as Partial<LiveMessage>
    return typeof message.type === 'string' && typeof message.seq === 'number' ? (message as LiveMessage) : undefined
  } catch {
    return undefined
  }
}
