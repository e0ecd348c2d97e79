/** What a refused or failed call becomes: one error that carries the server's problem details (RFC 9457). */
import type { Problem, ProblemDetails } from '../generated/wire'
import { type CallFailure, type FailureKind, kindOfStatus } from '../lib/call_failure'
import { ExplainedError } from '../lib/error_sentence'

type Details = Pick<ProblemDetails, 'status' | 'title' | 'detail' | 'problems'>

interface Origin {
  /** what happened where no response of the server came; otherwise the status says it */
  kind?: FailureKind
  fromServer?: boolean
  retryAfterMs?: number
  requestId?: string | undefined
  cause?: unknown
}

/** What a proxy answers for a server that it cannot reach; 0 is no answer at all. */
const UNREACHABLE = [0, 502, 503, 504]

export class ApiProblem extends ExplainedError {
  /** the HTTP status; 0 when no answer of the server came */
  readonly status: number
  readonly title: string
  readonly detail: string
  readonly problems: Problem[]
  /** whether the server itself answered, with problem details, and not a proxy before it */
  readonly fromServer: boolean
  /** how long the server asks to wait before the next try; 0 where it does not say */
  readonly retryAfterMs: number
  readonly kind: FailureKind
  /** of the answer, as in the log of the server */
  readonly requestId: string | undefined

  constructor(details: Details, { kind, fromServer = false, retryAfterMs = 0, requestId, cause }: Origin = {}) {
    super(details.detail || details.title, { cause })
    this.name = 'ApiProblem'
    this.status = details.status
    this.title = details.title
    this.detail = details.detail
    this.problems = details.problems ?? []
    this.fromServer = fromServer
    this.retryAfterMs = retryAfterMs
    this.requestId = requestId
    this.kind = kind ?? (details.status === 0 ? 'unreachable' : kindOfStatus(details.status, fromServer))
  }

  get failure(): CallFailure {
    const { kind, status, retryAfterMs } = this
    return { kind, status, retryAfterMs, serverWords: this.fromServer ? this.detail : '' }
  }

  get unreachable(): boolean {
    return !this.fromServer && UNREACHABLE.includes(this.status)
  }

  /** Whether the same call may succeed later: no answer, too many calls, or an error inside the server. */
  get transient(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500
  }
}
