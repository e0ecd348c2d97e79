/** The leaderboard: what was asked for last, and what the server answered. */

import { readLeaderboard } from '../api/results'
import type { Leaderboard } from '../generated/wire'
import { sentenceFor } from '../lib/error_sentence'
import { persisted, recordOf } from '../lib/persisted'

/** Minutes of processor time to choose from. */
export const BUDGETS: readonly [number, string][] = [
  [1, '1 min'],
  [5, '5 min'],
  [15, '15 min'],
  [60, '1 h'],
  [240, '4 h'],
]

/** The most parameters to choose from; null for networks of any size. */
export const LIMITS: readonly [number | null, string][] = [
  [null, 'Any size'],
  [10_000, 'Up to 10,000 parameters'],
  [100_000, 'Up to 100,000 parameters'],
  [1_000_000, 'Up to 1 M parameters'],
  [10_000_000, 'Up to 10 M parameters'],
]

export interface Question {
  minutes: number
  limit: number | null
}

export const lastQuestion = persisted('model-studio-leaderboard', (stored): Question => {
  const { minutes, limit } = recordOf<unknown>(stored)
  return {
    minutes: BUDGETS.find(([value]) => value === minutes)?.[0] ?? 15,
    limit: LIMITS.find(([value]) => value === limit)?.[0] ?? null,
  }
})

export interface Answer {
  board?: Leaderboard
  /** why it is not what the server has now */
  trouble?: string
}

/** The last answers, for a phone without a connection. */
const kept = persisted('model-studio-leaderboards', recordOf<Leaderboard>)
const NOT_HERE = 'The leaderboard is on the server, which cannot be reached.'
const AS_KEPT = 'As it was when this phone last read it. The server cannot be reached.'

/** Ask the server; without it the last answer to the same question. Rejects only where `signal` was aborted. */
export async function ask(question: Question, signal: AbortSignal): Promise<Answer> {
  const key = `${question.minutes} ${question.limit}`
  try {
    const board = await readLeaderboard(question.minutes, question.limit, signal)
    kept.write({ ...kept.read(), [key]: board })
    return { board }
  } catch (error) {
    if (signal.aborted) throw error
    const board = kept.read()[key]
    return { ...(board && { board }), trouble: sentenceFor(error, { unreachable: board ? AS_KEPT : NOT_HERE }) }
  }
}
