/** Why a network could not be kept or read, with a sentence for the person. */

import { ApiProblem } from '../api/problem'
import { sentenceFor } from '../lib/error_sentence'

export type NetworkProblemKind = 'damaged' | 'full' | 'other-network' | 'too-large' | 'gone'

const SENTENCES: Record<NetworkProblemKind, string> = {
  damaged: 'The file of this network arrived damaged twice, so it was not kept. Try again.',
  full: 'This phone is too full to keep this network. Remove networks that you no longer need, then try again.',
  'other-network': 'The server no longer has this network. Choose another checkpoint.',
  'too-large': 'This network is larger than the limit for fetching in the background. Tap it to fetch it.',
  gone: 'The server no longer has this network.',
}

export class NetworkProblem extends Error {
  readonly kind: NetworkProblemKind

  constructor(kind: NetworkProblemKind, options?: ErrorOptions) {
    super(SENTENCES[kind], options)
    this.name = 'NetworkProblem'
    this.kind = kind
  }
}

const UNREACHABLE = 'The server cannot be reached. Networks are fetched from there: try again when it is back.'

/** The sentence for an error of keeping or reading a network. */
export function sentenceForNetwork(error: unknown): string {
  if (error instanceof NetworkProblem) return error.message
  if (error instanceof ApiProblem && error.kind === 'broken')
    return 'The download broke off. Nothing is kept of half a file: try again.'
  if (error instanceof ApiProblem && error.kind === 'timeout')
    return 'The server did not answer in time. Nothing is kept of half a file: try again.'
  return sentenceFor(error, { unreachable: UNREACHABLE, unforeseen: 'The network could not be fetched. Try again.' })
}

/** Whether a sentence of `networksStore.trouble` says that the phone is full. */
export const saysFull = (sentence: string): boolean => sentence.endsWith(SENTENCES.full)

/** Whether the phone has no space left for what was to be stored. */
export const isFull = (error: unknown): boolean =>
  (error instanceof NetworkProblem && error.kind === 'full') ||
  (error instanceof DOMException && error.name === 'QuotaExceededError')
