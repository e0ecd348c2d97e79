/** How long the runs started here were to take, to say where a run is much slower than its forecast. */

import type { Run } from '../generated/wire'
import { persisted, recordOf } from '../lib/persisted'
import { duration } from '../ui/numbers'

interface Expected {
  moves: number
  seconds: number
}

/** By design, the newest last. */
const expected = persisted('model-studio-expected', recordOf<Expected>)
const MAX_DESIGNS = 100

/** Remember the forecast of the run that is started for a design; undefined where there is none. */
export function rememberExpected(designId: string, moves: number | undefined, seconds: number | undefined): void {
  const { [designId]: _, ...others } = expected.read()
  const own = moves && seconds ? [[designId, { moves, seconds }] as const] : []
  expected.write(Object.fromEntries([...Object.entries(others), ...own].slice(-MAX_DESIGNS)))
}

const MUCH_SLOWER = 1.5
/** seconds beyond the forecast that are not reported, so that short runs are not called slow at once */
const GRACE_S = 60

/** One sentence where a run takes much longer than forecast; `left` is undefined where it is not known. */
export function slowWords(run: Run, elapsed: number, left: number | undefined): string | undefined {
  const forecast = expected.read()[run.design_id]
  if (!forecast || forecast.moves !== run.config.total_steps) return undefined
  const total = elapsed + (left ?? 0)
  if (total < MUCH_SLOWER * forecast.seconds + GRACE_S) return undefined
  const rest = left ? `; about ${duration(left)} left` : ''
  return `Slower than the forecast of ${duration(forecast.seconds)}: the server is busy with other work, or slower than measured${rest}.`
}
