/** How much the network reads the board: how far its moves change when the cells it sees change places (position sensitivity). */

import { percent } from '../ui/numbers'
import './reading.css'

const HARDLY_BELOW = 0.05

interface Props {
  /** mean total variation between 0 and 1 */
  reading: number
  /** whether its test games score more than the greedy rule's: then a small number is a way to play, and nothing to fix */
  beatsGreedy: boolean
}

export function readingWords(reading: number): string {
  return reading < HARDLY_BELOW ? 'Hardly depends on where tiles are' : 'Depends on where tiles are'
}

export function ReadingGauge({ reading, beatsGreedy }: Props) {
  const words = readingWords(reading)
  const isStuck = reading < HARDLY_BELOW && !beatsGreedy
  return (
    <section className="panel reading" aria-label="Reads the board" data-stuck={isStuck || undefined}>
      <h2>Reads the board</h2>
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
        <s style={{ left: percentWidth(HARDLY_BELOW) }} />
      </div>
      <p className="quiet">{explanation(reading, beatsGreedy)}</p>
    </section>
  )
}

function explanation(reading: number, beatsGreedy: boolean): string {
  if (reading >= HARDLY_BELOW) return `When the cells it sees are shuffled, ${percent(reading)} of its moves change.`
  const same = 'When the cells it sees are shuffled, it plays almost the same moves'
  if (beatsGreedy) return `${same}. It still beats the greedy rule, so it has learned an order of moves that works.`
  return `${same}, and it does not beat the greedy rule. If this stays so, train anew: with another seed, or another design.`
}

const percentWidth = (share: number): string => `${100 * share}%`
