/** What a refused or failed call becomes: one error that carries the server's problem details. */
import type { Problem, ProblemDetails } from '../generated/wire'

type Told = Pick<ProblemDetails, 'status' | 'title' | 'detail' | 'problems'>

interface About {
  fromServer?: boolean
  retryAfterMs?: number
  cause?: unknown
}

export class ApiProblem extends Error {
  /** the HTTP status; 0 when no answer of the server came */
  readonly status: number
  readonly title: string
  readonly detail: string
  readonly problems: Problem[]
  /** whether the server itself said it, as problem details */
  readonly fromServer: boolean
  /** how long it asks to wait before the next try */
  readonly retryAfterMs: number

  constructor(details: Told, { fromServer = false, retryAfterMs = 0, cause }: About = {}) {
    super(details.detail || details.title, { cause })
    this.name = 'ApiProblem'
    this.status = details.status
    this.title = details.title
    this.detail = details.detail
    this.problems = details.problems ?? []
    this.fromServer = fromServer
    this.retryAfterMs = retryAfterMs
  }

  /** Whether asking again later may help: no answer, too busy, or a fault of the server. */
  get transient(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500
  }
}
