/** Estimates the remaining time of a run from its speed in the last minutes, rounded so that the display is stable. */

import type { TrainingUpdate } from '../generated/wire'

const PACE_OVER_S = 180

interface Span {
  steps: number
  seconds: number
}

/**
 * Seconds until the last step; undefined while it is unknown. A trainer plays a rollout and then learns
 * from it, so the pace is that of whole rollouts with the learning between them. `elapsed_s` stands still during a pause.
 * `total` are the moves that the run is to make.
 */
export function secondsLeft(updates: readonly TrainingUpdate[], rollout: number, total: number): number | undefined {
  const newest = updates.at(-1)
  if (!newest || total <= 0) return undefined
  const stretches = rolloutEnds(updates, rollout)
  const spans = stretches.flatMap((ends) => ends.slice(1).map((end, index) => spanOf(end, ends[index] as TrainingUpdate)))
  const pace = paceOf(newestOf(spans))
  if (pace === undefined) return undefined
  const from = stretches[0]?.[0] ?? newest
  return Math.max(0, (total - from.steps) / pace - (newest.elapsed_s - from.elapsed_s))
}

const spanOf = (from: TrainingUpdate, to: TrainingUpdate): Span => ({
  steps: to.steps - from.steps,
  seconds: to.elapsed_s - from.elapsed_s,
})

/** The updates after which a rollout was whole, newest first; a run that went back to a checkpoint begins another stretch. */
function rolloutEnds(updates: readonly TrainingUpdate[], rollout: number): TrainingUpdate[][] {
  const stretches: TrainingUpdate[][] = [[]]
  for (let index = updates.length - 1; index > 0; index--) {
    const [before, after] = [updates[index - 1], updates[index]] as [TrainingUpdate, TrainingUpdate]
    if (after.steps < before.steps || after.elapsed_s < before.elapsed_s) stretches.push([])
    else if (Math.floor(after.steps / rollout) > Math.floor(before.steps / rollout)) stretches.at(-1)?.push(after)
  }
  return stretches
}

/** So many of the newest spans as make up the last minutes. */
function newestOf(spans: readonly Span[]): Span[] {
  let seconds = 0
  return spans.filter((span) => {
    const counts = seconds < PACE_OVER_S
    seconds += span.seconds
    return counts
  })
}

/** Steps a second; spans far slower than most are left out, since they include an evaluation, which is rare. */
function paceOf(spans: readonly Span[]): number | undefined {
  const costs = spans.map(({ seconds, steps }) => seconds / steps).sort((a, b) => a - b)
  const usual = costs[Math.floor(costs.length / 2)] ?? 0
  let [steps, seconds] = [0, 0]
  for (const span of spans) {
    if (span.seconds > 2 * usual * span.steps + 1) continue
    steps += span.steps
    seconds += span.seconds
  }
  return steps > 0 && seconds > 0 ? steps / seconds : undefined
}

const MINUTE = 60

/** The precision of a displayed time: whole minutes, five of them from ten minutes on, ten from an hour on. */
const stepOf = (seconds: number): number => (seconds < 10 * MINUTE ? 1 : seconds < 60 * MINUTE ? 5 : 10) * MINUTE

/** Rounds the remaining time; the displayed value only changes when the new value differs clearly. */
export function steadySeconds(displayed: number | undefined, seconds: number | undefined): number | undefined {
  if (seconds === undefined) return undefined
  const step = stepOf(seconds)
  if (displayed !== undefined && displayed % step === 0 && Math.abs(seconds - displayed) < 0.7 * step) return displayed
  return Math.round(seconds / step) * step
}
