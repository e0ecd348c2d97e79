/** The numbers of compared runs, one row for each. */

import { bestTile } from '../dashboard/RunResult'
import { byteWords, duration, exactly, percent, roughly } from '../ui/numbers'
import type { RunRecord } from './run_record'
import type { Size } from './sizes'

export interface Fact {
  title: string
  /** one for each run; null where it is not known */
  values: (string | null)[]
  /** places of the best values, where one is better than another */
  best: ReadonlySet<number>
}

const NONE: ReadonlySet<number> = new Set()

/** Where the largest value stands; nowhere where all are the same or only one is known. */
function bestOf(values: readonly (number | null)[]): ReadonlySet<number> {
  const known = values.filter((value) => value !== null)
  const most = Math.max(...known)
  if (known.length < 2 || known.every((value) => value === most)) return NONE
  return new Set(values.flatMap((value, place) => (value === most ? [place] : [])))
}

const texts = (values: readonly (number | null)[], write: (value: number) => string): (string | null)[] =>
  values.map((value) => (value === null ? null : write(value)))

/** The rows of the table; of sizes only what is worked out by now. */
export function factsOf(records: readonly RunRecord[], sizes: Readonly<Record<string, Size>>): Fact[] {
  const means = records.map(({ tests }) => tests.at(-1)?.mean_score ?? null)
  const tiles = records.map(({ tests }) => bestTile({ max_tile_frequency: tests.at(-1)?.tiles ?? {} }))
  const speeds = records.map(({ newest }) => (newest && newest.seconds > 0 ? newest.steps / newest.seconds : null))
  const size = (pick: (size: Size) => number | null) =>
    records.map(({ run }) => (sizes[run.id] ? pick(sizes[run.id] as Size) : null))
  const row = (title: string, values: readonly (number | null)[], write: (value: number) => string, ranked = false): Fact => ({
    title,
    values: texts(values, write),
    best: ranked ? bestOf(values) : NONE,
  })
  return [
    row('Test score', means, (value) => exactly(Math.round(value)), true),
    row(
      'Largest tile',
      tiles.map((tile) => tile?.face ?? null),
      exactly,
    ),
    row(
      'Games with that tile',
      tiles.map((tile) => tile?.share ?? null),
      percent,
    ),
    row(
      'Moves made',
      records.map(({ newest, run }) => newest?.steps ?? run.steps),
      roughly,
    ),
    row(
      'Time trained',
      records.map(({ newest }) => newest?.seconds ?? null),
      duration,
    ),
    row(
      'Processor time',
      records.map(({ newest }) => newest?.processor ?? null),
      duration,
    ),
    row('Moves per second', speeds, roughly, true),
    row(
      'Parameters',
      size(({ parameters }) => parameters),
      roughly,
    ),
    row(
      'Multiply-adds per board',
      size(({ flops }) => flops),
      roughly,
    ),
    row(
      'Memory to train',
      size(({ memory }) => memory),
      byteWords,
    ),
  ]
}
