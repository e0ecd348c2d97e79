/** Minutes and moves of a run with a length of its own, by the forecast times of the recipes. */

import type { RecipeOffer } from '../generated/wire'

interface Timed {
  moves: number
  seconds: number
}

/** Moves and times of the recipes, the shortest first; empty where no speed is known. */
export function timedOf(offers: readonly RecipeOffer[]): Timed[] {
  const timed = offers.flatMap(({ config, forecast }) =>
    config.total_steps && forecast?.seconds ? [{ moves: config.total_steps, seconds: forecast.seconds }] : [],
  )
  return timed.sort((one, other) => one.moves - other.moves)
}

/** As many moves as fit into the time. Start and test games take time too, so it goes by the two recipes around it. */
export function movesIn(seconds: number, timed: readonly Timed[]): number {
  const above = timed.findIndex((row) => row.seconds >= seconds)
  const at = above < 0 ? timed.length - 1 : Math.max(1, above)
  const [low, high] = [timed[at - 1], timed[at] ?? timed[0]]
  if (!high) return 0
  const pace = low && high.seconds > low.seconds ? (high.moves - low.moves) / (high.seconds - low.seconds) : 0
  const moves = pace > 0 ? high.moves - (high.seconds - seconds) * pace : 0
  const shortest = low ?? high
  return Math.max(1, Math.round(moves > 0 ? moves : (shortest.moves * seconds) / shortest.seconds))
}

/** The minutes that a run takes: tenths below ten minutes. Before its forecast has come, by the pace of the longest recipe. */
export function minutesOf(moves: number, forecast: number | null | undefined, timed: readonly Timed[]): number {
  const longest = timed.at(-1)
  const minutes = (forecast ?? (longest ? (moves * longest.seconds) / longest.moves : 0)) / 60
  return minutes < 9.95 ? Math.max(0.1, Math.round(minutes * 10) / 10) : Math.round(minutes)
}

/** Why a typed length is refused. */
export function problemOfLength(typed: string, inMinutes: boolean): string | undefined {
  if (typed.trim() === '' || !Number.isFinite(Number(typed))) return 'A number is needed'
  if (Number(typed) < 1) return inMinutes ? 'At least 1 minute' : 'At least 1 move'
  return inMinutes || Number.isInteger(Number(typed)) ? undefined : 'A whole number of moves'
}
