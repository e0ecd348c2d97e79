/** Sentences for a person about errors, in one place. */

/** An error whose message is a sentence for the person. */
export abstract class ExplainedError extends Error {
  /** whether the server could not be reached at all */
  abstract readonly unreachable: boolean
}

interface Sentences {
  /** in place of the error's own message, where the server could not be reached */
  unreachable?: string
  /** of errors that nobody foresaw */
  unforeseen?: string
}

/** Names of errors of the browser's storage, with their sentences. */
const STORAGE_SENTENCES: Record<string, string> = {
  QuotaExceededError: 'This phone is full: the newest changes are not stored. Free some space.',
  VersionError: 'A newer version of the app has been used on this phone. Reload to use it.',
}

/** The sentence for an error. Its technical message is never shown where `unforeseen` is given. */
export function sentenceFor(
  error: unknown,
  { unreachable, unforeseen = 'Something went wrong. Try again.' }: Sentences = {},
): string {
  if (error instanceof ExplainedError) return (error.unreachable && unreachable) || error.message
  const name = error instanceof DOMException ? error.name : ''
  return STORAGE_SENTENCES[name] ?? unforeseen
}
