/** The queue before the Python worker: one call in flight, one waiting per kind, a deadline, a fresh worker after a hang. */
import { Backoff } from '../lib/backoff'
import type { LoadProgress } from './load_progress'
import type { Call, CallKind, Reply } from './protocol'

/** The part of a `Worker` that is used, so that a test can stand in for it. */
export interface Port {
  postMessage(call: Call): void
  terminate(): void
  onmessage: ((event: MessageEvent<Reply>) => void) | null
  onerror: ((event: ErrorEvent) => void) | null
}

export interface WorkerState {
  status: 'loading' | 'ready' | 'failed'
  detail?: string
  /** whether it failed since a file could not be fetched whole */
  interrupted?: boolean
  /** how much has arrived of what is loaded for the first time */
  progress?: LoadProgress
}

interface PendingCall extends Call {
  resolve(value: unknown): void
  reject(reason: Error): void
  settled: boolean
}

type CallReply = Exclude<Reply, { type: 'ready' | 'loading' | 'failed' }>

/** Python cannot run on this phone; the server may validate instead. */
export class PythonUnavailable extends Error {
  override readonly name = 'PythonUnavailable'
}

const aborted = (): Error => new DOMException('superseded', 'AbortError')

export class CallQueue {
  private port: Port | undefined
  private ready = false
  private failure: string | undefined
  private inFlight: PendingCall | undefined
  private waiting = new Map<CallKind, PendingCall>()
  private timer: ReturnType<typeof setTimeout> | undefined
  private lastId = 0
  private restarts = 0

  constructor(
    private readonly open: () => Port,
    private readonly onState: (state: WorkerState) => void,
    private readonly limits = { callMs: 10_000, startMs: 120_000, restarts: 3 },
    private readonly backoff = new Backoff({ firstMs: 2000, maxMs: 60_000 }),
  ) {}

  start(): void {
    if (this.port || this.failure !== undefined) return
    this.openPort()
  }

  /** Start at once again after a start that failed, because the person asks. */
  retry(): void {
    if (this.port || this.failure === undefined) return
    this.backoff.reset()
    this.disarm()
    this.onState({ status: 'loading', detail: 'starting again' })
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
    this.port.onmessage = (event) => this.receive(event.data)
    // an error without a message: the script itself could not be fetched
    this.port.onerror = ({ message }) => this.fail(message || 'the worker could not be loaded', { interrupted: !message })
    this.arm(this.limits.startMs, () => this.fail('Python took too long to start'))
  }

  /** Call a function of Python with texts; rejects with `AbortError` once a newer call of the same kind is made. */
  call<T>(kind: CallKind, args: string[], signal?: AbortSignal): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (signal?.aborted) return reject(aborted())
      if (this.failure !== undefined) return reject(new PythonUnavailable(this.failure))
      const call: PendingCall = {
        id: ++this.lastId,
        kind,
        args,
        resolve: resolve as (value: unknown) => void,
        reject,
        settled: false,
      }
      this.supersede(kind)
      this.waiting.set(kind, call)
      signal?.addEventListener('abort', () => this.abort(call), { once: true })
      this.start()
      this.sendNext()
    })
  }

  /** Abort older calls of a kind: while a value is dragged, only the answer for the newest is of use. */
  private supersede(kind: CallKind): void {
    const older = this.waiting.get(kind)
    if (older) this.abort(older)
    if (this.inFlight?.kind === kind) this.abort(this.inFlight)
  }

  private abort(call: PendingCall): void {
    if (this.waiting.get(call.kind) === call) this.waiting.delete(call.kind)
    if (call.settled) return
    call.settled = true
    call.reject(aborted())
  }

  private sendNext(): void {
    if (!this.ready || this.inFlight || !this.port) return
    const [kind] = this.waiting.keys()
    if (kind === undefined) return
    const call = this.waiting.get(kind) as PendingCall
    this.waiting.delete(kind)
    this.inFlight = call
    this.arm(this.limits.callMs, () => this.restart())
    this.port.postMessage({ id: call.id, kind, args: call.args })
  }

  private receive(reply: Reply): void {
    if (reply.type === 'failed') this.fail(reply.detail, { interrupted: reply.interrupted })
    else if (reply.type === 'ready') this.onReady()
    else if (reply.type === 'loading') this.onState({ status: 'loading', progress: reply.progress })
    else this.finish(reply)
  }

  private onReady(): void {
    this.ready = true
    this.failure = undefined
    this.backoff.reset()
    this.disarm()
    this.onState({ status: 'ready' })
    this.sendNext()
  }

  private finish(reply: CallReply): void {
    const call = this.inFlight
    if (!call || call.id !== reply.id) return
    this.inFlight = undefined
    this.disarm()
    this.restarts = 0
    if (!call.settled) this.settle(call, reply)
    this.sendNext()
  }

  private settle(call: PendingCall, reply: CallReply): void {
    call.settled = true
    if (reply.type === 'error') call.reject(new Error(reply.detail))
    else call.resolve(JSON.parse(new TextDecoder().decode(reply.bytes)))
  }

  /** Replace a worker whose call hangs; that call is rejected, those that wait go to the new worker. */
  private restart(): void {
    const call = this.inFlight
    this.close()
    if (call && !call.settled) {
      call.settled = true
      call.reject(new Error(`no answer to ${call.kind} in time`))
    }
    if (++this.restarts > this.limits.restarts) {
      this.fail('Python stopped answering', { again: false })
    } else {
      this.onState({ status: 'loading', detail: 'starting again' })
      this.start()
    }
  }

  /** Reject calls from now on. A start that failed is tried again later, since a file may only have been out of reach. */
  private fail(detail: string, { interrupted = false, again = !this.ready } = {}): void {
    this.failure = detail
    this.close()
    if (again) this.arm(this.backoff.nextMs(), () => this.openPort())
    this.onState({ status: 'failed', detail, ...(interrupted && { interrupted }) })
    for (const call of this.waiting.values()) {
      call.settled = true
      call.reject(new PythonUnavailable(detail))
    }
    this.waiting.clear()
  }

  private close(): void {
    this.disarm()
    this.port?.terminate()
    this.port = undefined
    this.ready = false
    const call = this.inFlight
    this.inFlight = undefined
    if (call && !call.settled && this.failure !== undefined) call.reject(new PythonUnavailable(this.failure))
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
