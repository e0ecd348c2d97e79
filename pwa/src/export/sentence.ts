/** Why a file could not be had, as a sentence that says what to do. */

import { ApiProblem } from '../api/api'
import { isUnreachable } from '../train/runs'

export function sentenceForExport(error: unknown): string {
  if (!(error instanceof ApiProblem)) return 'The file could not be made. Try again.'
  if (isUnreachable(error)) return 'The server cannot be reached. Files are made there: try again when it is back.'
  if (error.status === 409) return error.detail || 'There is nothing to take home before something was learned.'
  return error.detail || error.title
}
