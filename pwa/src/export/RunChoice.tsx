/** The runs of a design, newest first, one of which is chosen. */

import { useRef, useState } from 'react'
import { type DrawnHash, hasChangedSince } from '../editor/drawing_changed'
import { standingWords, termOf } from '../runs/labels'
import { Tags } from '../runs/Tags'
import { plural, roughly } from '../ui/numbers'
import { momentsOf } from '../ui/times'
import { type OfferedRun, scoreOf } from './offers'

const MAX_FOLDED = 2
const HASH_LENGTH = 8

interface Props {
  runs: readonly OfferedRun[]
  chosen: OfferedRun
  drawn: DrawnHash
  onChoose: (id: string) => void
}

export function RunChoice({ runs, chosen, drawn, onChoose }: Props) {
  const [unfolded, setUnfolded] = useState(false)
  // it never folds what was in sight, so a run does not vanish when another one is chosen
  const folded = useRef(MAX_FOLDED)
  folded.current = Math.max(folded.current, runs.indexOf(chosen) + 1)
  const moments = momentsOf(runs.map(({ at }) => new Date(at)))
  const shown = unfolded ? runs : runs.slice(0, folded.current)
  return (
    <div className="export-part" role="radiogroup" aria-label="Run">
      <h3 className="sheet-heading">Run</h3>
      {shown.map((run, index) => (
        <label key={run.id} className="export-row">
          <input
            type="radio"
            className="whole-label"
            name="export-run"
            checked={run.id === chosen.id}
            disabled={run.checkpoints.length === 0}
            onChange={() => onChoose(run.id)}
          />
          <i className="radio-mark" aria-hidden="true" />
          <span className="export-words">
            <b>{run.name || moments[index]}</b>
            <small>{lineOf(run)}</small>
            <small>
              {run.name && `${moments[index]} · `}
              Design <span className="mono">{run.designHash.slice(0, HASH_LENGTH)}</span>
              {changeWords(run, drawn)}
            </small>
            <Tags tags={run.tags} />
          </span>
          <RunScore run={run} />
        </label>
      ))}
      {shown.length < runs.length && (
        <button type="button" className="button unfold-runs" onClick={() => setUnfolded(true)}>
          {plural(runs.length - shown.length, 'older run')}
        </button>
      )}
    </div>
  )
}

function RunScore({ run }: { run: OfferedRun }) {
  const score = scoreOf(run)
  return (
    score && (
      <span className="export-score">
        {score.value} <small>{score.words}</small>
      </span>
    )
  )
}

/** "Finished · 1.20 M moves · PPO" */
function lineOf({ status, steps, algorithm, checkpoints }: OfferedRun): string {
  const standing = status === null ? 'On this phone' : standingWords(status, null, false)
  const network = checkpoints.length === 0 ? ['no network yet'] : []
  return [standing, ...network, `${roughly(steps)} moves`, termOf(algorithm)].join(' · ')
}

function changeWords({ designHash }: OfferedRun, drawn: DrawnHash): string {
  const changed = hasChangedSince(designHash, drawn)
  if (changed === undefined) return ''
  return changed ? ' · drawing changed since' : ' · as drawn now'
}
