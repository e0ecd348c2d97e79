/** What is said of an export: why a file could not be had and what to do, or which network it holds. */

import { ApiProblem, type Exported } from '../api/api'
import { isUnreachable } from '../runs/runs'
import { exactly } from '../ui/numbers'

export function sentenceForExport(error: unknown): string {
  if (!(error instanceof ApiProblem)) return 'The file could not be made. Try again.'
  if (isUnreachable(error)) return 'The server cannot be reached. Files are made there: try again when it is back.'
  if (error.status === 409) return error.detail || 'There is nothing to take home before something was learned.'
  return error.detail || error.title
}

const NETWORKS: Record<string, string> = { best: 'the network at its best', last: 'the newest network' }

/** Which network a file holds; undefined where the server does not tell. */
export function sentenceForExported({ checkpoint, steps }: Exported): string | undefined {
  if (checkpoint === undefined) return undefined
  const after = steps === undefined ? '' : `, after ${exactly(steps)} moves`
  return `The file holds ${NETWORKS[checkpoint] ?? 'a kept network'}${after}.`
}
