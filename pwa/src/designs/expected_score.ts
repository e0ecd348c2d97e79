/** The score to expect of a template after a time on a server, from runs that were measured on another machine. */

import generated from '../generated/gallery.json' with { type: 'json' }
import type { Gallery, GalleryTemplate, Machine, MeasuredScore } from '../generated/wire'

export const gallery = generated as Gallery

/** A measured time so near to the one asked for counts as the same. */
const SAME_TIME = 0.15

export interface Expectation {
  /** whether the longest measured run was shorter, so that the score is the least to expect */
  atLeast: boolean
  score: number
  algorithm: string
}

type Speed = Pick<Machine, 'multiply_adds_per_second' | 'step_overhead_s'>

/** Whether a machine's speed is measured, so that times can be converted to it. */
export const isMeasured = (machine: Speed | null): boolean =>
  machine?.multiply_adds_per_second != null && machine.step_overhead_s != null

/** Seconds in which a machine plays the moves of a measured run; those of the machine it was measured on where it has no speed. */
export function secondsOn(machine: Speed | null, run: MeasuredScore, machines: readonly Speed[] = gallery.machines): number {
  const { multiply_adds_per_second: speed, step_overhead_s: overhead } =
    (isMeasured(machine) ? machine : machines[run.machine]) ?? {}
  if (speed == null || overhead == null) return run.seconds
  return run.moves * (run.multiply_adds_per_move / speed + run.overheads_per_move * overhead)
}

/**
 * The expectation of the algorithm that scores best after `seconds` on a machine.
 *
 * Between two measured times the score is interpolated over the logarithm of the time. It is undefined where only longer runs
 * were measured, or none.
 */
export function expectedScore(
  template: Pick<GalleryTemplate, 'measured'>,
  seconds: number,
  machine: Speed | null,
): Expectation | undefined {
  const algorithms = [...new Set(template.measured.map(({ algorithm }) => algorithm))]
  const expected = algorithms.flatMap((algorithm) => {
    const runs = template.measured.filter((run) => run.algorithm === algorithm)
    const points = runs.map((run) => ({ seconds: secondsOn(machine, run), score: run.score }))
    const found = scoreAt(points, seconds)
    return found ? [{ ...found, algorithm }] : []
  })
  return expected.sort((a, b) => b.score - a.score)[0]
}

interface Point {
  seconds: number
  score: number
}

function scoreAt(points: readonly Point[], seconds: number): Omit<Expectation, 'algorithm'> | undefined {
  const sorted = [...points].sort((a, b) => a.seconds - b.seconds)
  const same = sorted.find((point) => Math.abs(point.seconds / seconds - 1) <= SAME_TIME)
  if (same) return { atLeast: false, score: same.score }
  const before = sorted.findLast((point) => point.seconds < seconds)
  const after = sorted.find((point) => point.seconds > seconds)
  if (!before) return undefined
  if (!after) return { atLeast: true, score: before.score }
  const share = Math.log(seconds / before.seconds) / Math.log(after.seconds / before.seconds)
  return { atLeast: false, score: Math.round(before.score + share * (after.score - before.score)) }
}
