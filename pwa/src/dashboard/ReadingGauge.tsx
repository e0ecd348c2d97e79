/** Position sensitivity: how far the probabilities of the moves change when the cells of the board change places. */

import { percent } from '../ui/numbers'
import './reading.css'

const STUCK_BELOW = 0.05

/** What a total variation between 0 and 1 means, in a few words. */
export function readingWords(reading: number): string {
  return reading < STUCK_BELOW ? 'Hardly depends on where tiles are' : 'Depends on where tiles are'
}

export function ReadingGauge({ reading }: { reading: number }) {
  const words = readingWords(reading)
  return (
    <section className="panel reading" aria-label="Position sensitivity" data-stuck={reading < STUCK_BELOW || undefined}>
      <h2>Position sensitivity</h2>
      <p className="reading-words">
        <b>{words}</b>
        <span>{percent(reading)}</span>
      </p>
      {/* biome-ignore lint/a11y/useSemanticElements: every browser paints <meter> in a way of its own */}
      <div
        className="share-bar"
        role="meter"
        aria-label="Position sensitivity"
        aria-valuemin={0}
        aria-valuemax={1}
        aria-valuenow={Number(reading.toFixed(3))}
        aria-valuetext={`${words}, ${percent(reading)}`}
      >
        <i style={{ width: percentWidth(reading) }} />
        <s style={{ left: percentWidth(STUCK_BELOW) }} />
      </div>
      <p className="quiet">
        When the cells it sees are shuffled,{' '}
        {reading < STUCK_BELOW
          ? 'it plays almost as before. If this stays so, the run is stuck.'
          : `${percent(reading)} of its play changes. Below the mark, ${percent(STUCK_BELOW)}, a run is stuck.`}
      </p>
    </section>
  )
}

const percentWidth = (share: number): string => `${100 * share}%`
