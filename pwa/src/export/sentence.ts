/** What is said of an export: why a file could not be had and what to do, or which network it holds. */

import { ApiProblem, type Exported } from '../api/api'
import { sentenceFor } from '../lib/error_sentence'
import { exactly } from '../ui/numbers'

export function sentenceForExport(error: unknown): string {
  if (error instanceof ApiProblem && error.status === 409 && !error.detail)
    return 'Nothing to export yet: this run has no network.'
  return sentenceFor(error, {
    unreachable: 'The server cannot be reached. Files are made there: try again when it is back.',
    unforeseen: 'The file could not be made. Try again.',
  })
}

const NETWORKS: Record<string, string> = { best: 'the network at its best', last: 'the newest network' }

/** Which network a file holds; undefined where the server does not tell. */
export function sentenceForExported({ checkpoint, steps }: Exported): string | undefined {
  if (checkpoint === undefined) return undefined
  const after = steps === undefined ? '' : `, after ${exactly(steps)} moves`
  return `The file holds ${NETWORKS[checkpoint] ?? 'a kept network'}${after}.`
}
