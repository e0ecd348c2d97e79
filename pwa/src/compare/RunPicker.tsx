/** The sheet to choose the runs that are compared: those of the same design first. */

import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import type { Run } from '../generated/wire'
import { MAX_COMPARED } from '../navigation/results'
import { readAllRuns } from '../runs/all_runs'
import { titleOfRun } from '../runs/labels'
import { runsStore } from '../runs/run_cache'
import { lineOf } from '../runs/run_line'
import { bestOf } from '../runs/selected_run'
import { BottomSheet } from '../ui/BottomSheet'
import { Icon } from '../ui/Icon'
import { plural, roughly } from '../ui/numbers'
import { offered, toggled } from './chosen_runs'
import { RunKey } from './RunKey'
import { keptRecords } from './records'
import type { DesignNames } from './useDesignNames'

const PAGE = 30

interface Props {
  chosen: readonly string[]
  nameOf: DesignNames
  onChoose: (runIds: string[]) => void
  onClose: () => void
}

export function RunPicker({ chosen, nameOf, onChoose, onClose }: Props) {
  const listed = useStore(runsStore, (state) => state.runs)
  const [count, setCount] = useState(PAGE)
  const [reading, setReading] = useState(listed.length === 0)
  // the order stays while runs are chosen; a design moved to the top under the finger would be in the way
  const [first] = useState(chosen)
  useEffect(() => void readAllRuns().then(() => setReading(false)), [])
  const offline = listed.length === 0 && !reading
  const runs = offline ? keptRecords().map(({ run }) => run) : listed
  const groups = offered(runs.slice(0, count), first)
  const foot = (
    <button type="button" className="button picker-done" data-look="primary" disabled={chosen.length < 2} onClick={onClose}>
      {chosen.length < 2 ? 'Choose at least two' : `Compare ${plural(chosen.length, 'run')}`}
    </button>
  )
  return (
    <BottomSheet title="Runs to compare" note="Two to six, of any designs" foot={foot} onClose={onClose}>
      <div className="run-picker">
        {offline && (
          <p className="picker-offline" role="status">
            <Icon name="offline" />
            <span>
              The list of runs is on the server, which cannot be reached.
              {runs.length > 0 && ' These were compared on this phone before.'}
            </span>
          </p>
        )}
        {reading && <span className="spinner" role="status" aria-label="Loading" />}
        {!reading && !offline && runs.length < 2 && <p className="quiet">There are no two runs yet. Train a design first.</p>}
        {groups.map(({ designId, runs: own }) => (
          <fieldset key={designId}>
            <legend data-no-terms>{nameOf(designId)}</legend>
            {own.map((run) => (
              <Offer key={run.id} run={run} chosen={chosen} onToggle={() => onChoose(toggled(chosen, run.id))} />
            ))}
          </fieldset>
        ))}
        {runs.length > count && (
          <button type="button" className="button" onClick={() => setCount(count + PAGE)}>
            {plural(runs.length - count, 'older run')}
          </button>
        )}
      </div>
    </BottomSheet>
  )
}

function Offer({ run, chosen, onToggle }: { run: Run; chosen: readonly string[]; onToggle: () => void }) {
  const place = chosen.indexOf(run.id)
  const best = bestOf(run)
  const isFull = place < 0 && chosen.length >= MAX_COMPARED
  return (
    <label className="picker-run" data-full={isFull || undefined}>
      <input type="checkbox" checked={place >= 0} disabled={isFull} onChange={onToggle} />
      {place >= 0 && <RunKey index={place} />}
      <span className="picker-words">
        <b>{titleOfRun(run)}</b>
        <small>{lineOf(run)}</small>
      </span>
      {best !== null && (
        <span className="picker-score">
          {roughly(best)}
          <small>best in training</small>
        </span>
      )}
    </label>
  )
}
