/** The curves of several runs on one horizontal axis. */

import type { Place, RunRecord } from './run_record'

export type Axis = 'moves' | 'minutes' | 'processor'

/** Which score is drawn: of the games that a run learns from, or of its test games. */
export type Measure = 'training' | 'tests'

export interface Aligned {
  /** rising; every place at which any run has a value */
  x: number[]
  /** for each run its values, null where it has none at that place */
  values: (number | null)[][]
}

const PLACES: Record<Axis, (place: Place) => number | null> = {
  moves: ({ steps }) => steps,
  minutes: ({ seconds }) => seconds / 60,
  processor: ({ processor }) => (processor === null ? null : processor / 60),
}

/** The place on an axis; null where it was not measured. */
export const placeOn = (axis: Axis, place: Place): number | null => PLACES[axis](place)

function valuesOf(record: RunRecord, axis: Axis, measure: Measure): Map<number, number> {
  const measured: (Place & { value: number })[] =
    measure === 'training'
      ? record.points.map((point) => ({ ...point, value: point.score }))
      : record.tests.map((test) => ({ ...test, value: test.mean_score }))
  const found = new Map<number, number>()
  for (const point of measured) {
    const place = placeOn(axis, point)
    if (place !== null) found.set(place, point.value)
  }
  return found
}

/** Curves of runs over one axis; a run without values on it, such as an older one without processor time, has none. */
export function aligned(records: readonly RunRecord[], axis: Axis, measure: Measure): Aligned {
  const curves = records.map((record) => valuesOf(record, axis, measure))
  const x = [...new Set(curves.flatMap((curve) => [...curve.keys()]))].sort((a, b) => a - b)
  return { x, values: curves.map((curve) => x.map((place) => curve.get(place) ?? null)) }
}
