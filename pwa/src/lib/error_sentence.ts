/** Sentences for a person about errors, in one place. */

import { type CallFailure, syncSentence } from './call_failure'

/** An error whose message is a sentence for the person. */
export abstract class ExplainedError extends Error {
  /** whether the server could not be reached at all */
  abstract readonly unreachable: boolean
  /** what became of the call */
  abstract readonly failure: CallFailure
}

interface Sentences {
  /** in place of the error's own message, where the server could not be reached */
  unreachable?: string
  /** of errors that nobody foresaw */
  unforeseen?: string
}

/** Names of errors of the browser's storage, with their sentences. */
export const STORAGE_SENTENCES = {
  QuotaExceededError: 'This phone is full: the newest changes are not stored. Free some space.',
  VersionError: 'A newer version of the app is used on this phone. Reload to store changes again.',
}

/** The sentence for an error. Its technical message is never shown where `unforeseen` is given. */
export function sentenceFor(
  error: unknown,
  { unreachable, unforeseen = 'Something went wrong. Try again.' }: Sentences = {},
): string {
  if (error instanceof ExplainedError) return (error.unreachable && unreachable) || error.message
  const name = error instanceof DOMException ? error.name : ''
  return name in STORAGE_SENTENCES ? STORAGE_SENTENCES[name as keyof typeof STORAGE_SENTENCES] : unforeseen
}

/** Why a sync failed, that nothing is lost, and what to do. */
export function sentenceForSync(error: unknown): string {
  if (error instanceof ExplainedError) return syncSentence(error.failure)
  return sentenceFor(error, {
    unforeseen: `This phone could not sync: nothing is lost, it tries again automatically. (${String(error)})`,
  })
}
