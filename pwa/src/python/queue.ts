/** The queue before the Python worker: one call in flight, one waiting per kind, a deadline, a fresh worker after a hang. */
import type { Call, CallKind, Said } from './protocol'

/** The part of a `Worker` that is used, so that a test can stand in for it. */
export interface Port {
  postMessage(call: Call): void
  terminate(): void
  onmessage: ((event: MessageEvent<Said>) => void) | null
  onerror: ((event: ErrorEvent) => void) | null
}

export type WorkerState = { status: 'loading' | 'ready' | 'failed'; detail?: string }

interface Asked extends Call {
  resolve(value: unknown): void
  reject(reason: Error): void
  settled: boolean
}

/** Python cannot answer on this phone; the server may be asked instead. */
export class PythonUnavailable extends Error {
  override readonly name = 'PythonUnavailable'
}

const aborted = (): Error => new DOMException('superseded', 'AbortError')

export class AskQueue {
  private port: Port | undefined
  private ready = false
  private failure: string | undefined
  private inFlight: Asked | undefined
  private waiting = new Map<CallKind, Asked>()
  private timer: ReturnType<typeof setTimeout> | undefined
  private lastId = 0
  private restarts = 0
  private attempts = 0

  constructor(
    private readonly open: () => Port,
    private readonly tell: (state: WorkerState) => void,
    private readonly limits = { callMs: 10_000, startMs: 120_000, restarts: 3, firstRetryMs: 2000, longestRetryMs: 60_000 },
  ) {}

  start(): void {
    if (this.port || this.failure !== undefined) return
    this.openPort()
  }

  private openPort(): void {
    this.ready = false
    try {
      this.port = this.open()
    } catch (error) {
      this.fail(String(error))
      return
    }
    this.port.onmessage = (event) => this.hear(event.data)
    this.port.onerror = (event) => this.fail(event.message || 'the worker could not be loaded')
    this.arm(this.limits.startMs, () => this.fail('Python took too long to start'))
  }

  ask<T>(kind: CallKind, args: string[], signal?: AbortSignal): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (signal?.aborted) return reject(aborted())
      if (this.failure !== undefined) return reject(new PythonUnavailable(this.failure))
      const asked: Asked = { id: ++this.lastId, kind, args, resolve: resolve as (value: unknown) => void, reject, settled: false }
      this.supersede(kind)
      this.waiting.set(kind, asked)
      signal?.addEventListener('abort', () => this.drop(asked), { once: true })
      this.start()
      this.next()
    })
  }

  /** The newest of a kind wins: whoever asked before hears `AbortError`. */
  private supersede(kind: CallKind): void {
    const older = this.waiting.get(kind)
    if (older) this.drop(older)
    if (this.inFlight?.kind === kind) this.drop(this.inFlight)
  }

  private drop(asked: Asked): void {
    if (this.waiting.get(asked.kind) === asked) this.waiting.delete(asked.kind)
    if (asked.settled) return
    asked.settled = true
    asked.reject(aborted())
  }

  private next(): void {
    if (!this.ready || this.inFlight || !this.port) return
    const [kind] = this.waiting.keys()
    if (kind === undefined) return
    const asked = this.waiting.get(kind) as Asked
    this.waiting.delete(kind)
    this.inFlight = asked
    this.arm(this.limits.callMs, () => this.restart())
    this.port.postMessage({ id: asked.id, kind, args: asked.args })
  }

  private hear(said: Said): void {
    if (said.type === 'failed') this.fail(said.detail)
    else if (said.type === 'ready') this.begin()
    else this.take(said)
  }

  private begin(): void {
    this.ready = true
    this.failure = undefined
    this.attempts = 0
    this.disarm()
    this.tell({ status: 'ready' })
    this.next()
  }

  private take(said: Exclude<Said, { type: 'ready' | 'failed' }>): void {
    const asked = this.inFlight
    if (!asked || asked.id !== said.id) return
    this.inFlight = undefined
    this.disarm()
    this.restarts = 0
    if (!asked.settled) this.settle(asked, said)
    this.next()
  }

  private settle(asked: Asked, said: Exclude<Said, { type: 'ready' | 'failed' }>): void {
    asked.settled = true
    if (said.type === 'error') asked.reject(new Error(said.detail))
    else asked.resolve(JSON.parse(new TextDecoder().decode(said.bytes)))
  }

  /** The call hangs: end the worker, tell the caller, start afresh for whoever waits. */
  private restart(): void {
    const asked = this.inFlight
    this.close()
    if (asked && !asked.settled) {
      asked.settled = true
      asked.reject(new Error(`no answer to ${asked.kind} in time`))
    }
    if (++this.restarts > this.limits.restarts) {
      this.fail('Python stopped answering', false)
    } else {
      this.tell({ status: 'loading', detail: 'starting again' })
      this.start()
    }
  }

  /** Whoever asks from now on is told; a start that failed, perhaps for want of a file, is tried again later. */
  private fail(detail: string, again = !this.ready): void {
    this.failure = detail
    this.close()
    if (again)
      this.arm(Math.min(this.limits.firstRetryMs * 2 ** this.attempts++, this.limits.longestRetryMs), () => this.openPort())
    this.tell({ status: 'failed', detail })
    for (const asked of this.waiting.values()) {
      asked.settled = true
      asked.reject(new PythonUnavailable(detail))
    }
    this.waiting.clear()
  }

  private close(): void {
    this.disarm()
    this.port?.terminate()
    this.port = undefined
    this.ready = false
    const asked = this.inFlight
    this.inFlight = undefined
    if (asked && !asked.settled && this.failure !== undefined) asked.reject(new PythonUnavailable(this.failure))
  }

  private arm(ms: number, then: () => void): void {
    this.disarm()
    this.timer = setTimeout(then, ms)
  }

  private disarm(): void {
    clearTimeout(this.timer)
    this.timer = undefined
  }
}
