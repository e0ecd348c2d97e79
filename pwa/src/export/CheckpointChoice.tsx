/** Which network of a run: its best, its newest, or one from earlier in the run. */

import { exactly, percent, roughly } from '../ui/numbers'
import { BEST, LAST, type OfferedCheckpoint, type OfferedRun } from './offers'
import '../ui/answers.css'

interface Props {
  run: OfferedRun
  chosen: OfferedCheckpoint
  onChoose: (checkpoint: string) => void
}

const NAMES: Record<string, string> = { [BEST]: 'Best', [LAST]: 'Last' }

export function CheckpointChoice({ run, chosen, onChoose }: Props) {
  const named = [BEST, LAST].flatMap((name) => run.checkpoints.filter(({ checkpoint }) => checkpoint === name))
  const spaced = run.checkpoints
    .filter(({ checkpoint }) => NAMES[checkpoint] === undefined)
    .slice()
    .sort((one, other) => one.steps - other.steps)
  const isSpaced = spaced.includes(chosen)
  const [newest] = spaced.slice(-1)
  return (
    <div className="export-part" role="radiogroup" aria-label="Network">
      <h3 className="sheet-heading">Network</h3>
      <div className="answers">
        {named.map((checkpoint) => (
          <label key={checkpoint.checkpoint} className="answer">
            <input
              type="radio"
              className="whole-label"
              name="export-checkpoint"
              checked={checkpoint === chosen}
              onChange={() => onChoose(checkpoint.checkpoint)}
            />
            <b>{NAMES[checkpoint.checkpoint]}</b>
            <small>{shortWords(checkpoint)}</small>
          </label>
        ))}
        {newest && (
          <label className="answer">
            <input
              type="radio"
              className="whole-label"
              name="export-checkpoint"
              checked={isSpaced}
              onChange={() => onChoose(newest.checkpoint)}
            />
            <b>Earlier</b>
            <small>{isSpaced ? shortWords(chosen) : `${spaced.length} stored`}</small>
          </label>
        )}
      </div>
      {isSpaced && (
        <select
          className="earlier-networks"
          aria-label="Earlier network"
          value={chosen.checkpoint}
          onChange={({ currentTarget }) => onChoose(currentTarget.value)}
        >
          {spaced.map((checkpoint) => (
            <option key={checkpoint.checkpoint} value={checkpoint.checkpoint}>
              {longWords(checkpoint, run)}
            </option>
          ))}
        </select>
      )}
    </div>
  )
}

/** "0.98 M moves" */
const shortWords = ({ steps }: OfferedCheckpoint): string => `${roughly(steps)} moves`

/** "61,440 moves (10 %), score 2.1k, on this phone" */
function longWords({ steps, score, isKept }: OfferedCheckpoint, run: OfferedRun): string {
  const share = run.totalSteps > 0 ? ` (${percent(Math.min(1, steps / run.totalSteps))})` : ''
  const parts = [`${exactly(steps)} moves${share}`, score !== null && `score ${roughly(score)}`, isKept && 'on this phone']
  return parts.filter(Boolean).join(', ')
}
