/** The result of a run that ended: its test score, the best tile, and what it took. */

import type { Evaluation, RunStatus, TrainingUpdate } from '../generated/wire'
import { duration, exactly, percent } from '../ui/numbers'
import { ScoreHeadline } from './ScoreHeadline'
import './run-result.css'

interface Props {
  tested: Evaluation | undefined
  update: TrainingUpdate | undefined
  status: RunStatus | undefined
}

export function RunResult({ tested, update, status }: Props) {
  if (!update && !tested) return null
  const best = tested && bestTile(tested)
  return (
    <section className="run-result" aria-label="Result">
      <ScoreHeadline tested={tested} update={tested ? undefined : update} status={status} />
      <dl>
        {best && (
          <div>
            <dt>Largest tile</dt>
            <dd>
              {exactly(best.face)} <small>in {percent(best.share)} of the test games</small>
            </dd>
          </div>
        )}
        {update && (
          <div>
            <dt>Trained</dt>
            <dd>
              {duration(update.elapsed_s)} <small>{exactly(update.episode)} games</small>
            </dd>
          </div>
        )}
      </dl>
    </section>
  )
}

/** The largest tile of any test game, and in how many of them it was reached. */
export function bestTile({
  max_tile_frequency,
}: Pick<Evaluation, 'max_tile_frequency'>): { face: number; share: number } | undefined {
  const reached = Object.entries(max_tile_frequency).filter(([, share]) => share > 0)
  const [face, share] = reached.reduce((best, tile) => (Number(tile[0]) > Number(best[0]) ? tile : best), ['0', 0])
  return face === '0' ? undefined : { face: Number(face), share }
}
