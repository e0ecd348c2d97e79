/** What is said of an export: which network a file has, or why there is none and what to do. */

import { ApiProblem, isGone } from '../api/api'
import { DamagedFile, type Exported } from '../api/export_file'
import { sentenceFor } from '../lib/error_sentence'
import { exactly } from '../ui/numbers'

/** What a button beside a sentence does. */
export type Remedy = 'retry' | 'reload'

export interface Trouble {
  text: string
  remedy: Remedy
}

export const REMEDY_LABELS: Record<Remedy, string> = { retry: 'Try again', reload: 'Reload the list' }

/** Why a file could not be had. */
export function troubleOf(error: unknown): Trouble {
  if (error instanceof DamagedFile) return { text: 'The file arrived damaged, so it was not saved.', remedy: 'retry' }
  if (error instanceof KeptFileLost)
    return { text: error.message || 'The file on this phone can no longer be read.', remedy: 'reload' }
  if (isGone(error)) return { text: 'This network was deleted on the server.', remedy: 'reload' }
  if (error instanceof ApiProblem && error.status === 409)
    return { text: error.detail || 'Nothing to export yet: this run has no network.', remedy: 'reload' }
  const unreachable = 'The server cannot be reached, and this file is written there.'
  return { text: sentenceFor(error, { unreachable, unforeseen: 'The file could not be written.' }), remedy: 'retry' }
}

/** Why the runs could not be listed; undefined where the kept networks are shown in their place. */
export function listTroubleOf(error: unknown, keepsAny: boolean): string {
  const unreachable = keepsAny
    ? 'The server cannot be reached. The networks on this phone can be exported without it.'
    : 'The server cannot be reached, and no network of this design is on this phone.'
  return sentenceFor(error, { unreachable, unforeseen: 'The runs could not be listed.' })
}

/** The file of a kept network is missing or damaged, and the server cannot replace it. */
export class KeptFileLost extends Error {}

const NETWORKS: Record<string, string> = { best: 'the best network', last: 'the newest network' }

/** Which network a file has; undefined where the server does not say. */
export function exportedSentence({ checkpoint, steps }: Exported): string | undefined {
  if (checkpoint === undefined) return undefined
  const after = steps === undefined ? '' : `, after ${exactly(steps)} moves`
  return `It has ${NETWORKS[checkpoint] ?? 'a network from earlier in the run'}${after}.`
}
