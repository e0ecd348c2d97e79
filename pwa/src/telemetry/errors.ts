/** Records errors of the page and its workers, and calls that the server answered with an error. */
import { ApiProblem } from '../api/api'
import { onFailedCall } from '../api/fetch_json'
import { TELEMETRY_PATH } from '../api/telemetry'
import type { NewEvent } from '../storage/telemetry'
import { recordEvent } from './record'
import { nameOf, shortStack } from './stack'

/** the same error again within this time is not recorded, nor is any beyond this number until the page is loaded again */
const REPEAT_MS = 60_000
const MAX_ERRORS = 50
/** browsers report it as an error although nothing failed */
const NO_ERROR = /^ResizeObserver loop/

type ErrorFields = Omit<Extract<NewEvent, { type: 'client_error' }>, 'type'>

const lastAt = new Map<string, number>()
let count = 0

function record(fields: ErrorFields): void {
  const { name, stack, status } = fields
  const key = `${name} ${status ?? ''} ${stack}`
  const now = Date.now()
  if (count >= MAX_ERRORS || now - (lastAt.get(key) ?? Number.NEGATIVE_INFINITY) < REPEAT_MS) return
  lastAt.set(key, now)
  count += 1
  void recordEvent({ type: 'client_error', ...fields })
}

function recordThrown(error: unknown, place = '', said = ''): void {
  // failed calls are recorded when they are answered
  if (error instanceof ApiProblem && error.status > 0) return
  const [stack, message] = error instanceof Error ? [error.stack ?? '', error.message] : [place, '']
  record({ name: nameOf(error, said), stack: shortStack(stack, message) })
}

/** Record errors from now on; returns how to stop. */
export function followErrors(): () => void {
  const onError = ({ error, message, filename, lineno, colno }: ErrorEvent) => {
    // an error in a worker comes without the error itself, with its place alone
    if (!NO_ERROR.test(message)) recordThrown(error, `${filename}:${lineno}:${colno}`, message)
  }
  const onRejection = ({ reason }: PromiseRejectionEvent) => recordThrown(reason)
  addEventListener('error', onError)
  addEventListener('unhandledrejection', onRejection)
  const stopCalls = onFailedCall((problem, path) => {
    if (path.startsWith(TELEMETRY_PATH)) return
    const { status, requestId } = problem
    const fields = { name: problem.name, stack: shortStack(problem.stack ?? '', problem.message), status }
    record({ ...fields, ...(requestId !== undefined && { request_id: requestId }) })
  })
  return () => {
    removeEventListener('error', onError)
    removeEventListener('unhandledrejection', onRejection)
    stopCalls()
  }
}

/** Forget which errors were recorded (tests). */
export function forgetErrors(): void {
  lastAt.clear()
  count = 0
}
