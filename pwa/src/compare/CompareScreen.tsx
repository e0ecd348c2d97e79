/** Two to six runs side by side: their curves, test games, numbers, settings and designs. */

import { useEffect, useMemo, useState } from 'react'
import { useStore } from 'zustand'
import type { Run } from '../generated/wire'
import { replacePlace } from '../navigation/history'
import { compareHref, MAX_COMPARED } from '../navigation/results'
import { LEADERBOARD } from '../navigation/router'
import { algorithmOf, termOf } from '../runs/labels'
import { openRun } from '../runs/open_run'
import { isActive } from '../runs/selected_run'
import { Icon } from '../ui/Icon'
import { roughly } from '../ui/numbers'
import { timeOrDay } from '../ui/times'
import { CompareChart } from './CompareChart'
import { CompareDesigns } from './CompareDesigns'
import { CompareFacts } from './CompareFacts'
import { CompareSettings } from './CompareSettings'
import { CompareTests } from './CompareTests'
import { toggled } from './chosen_runs'
import { letterOf, RunKey } from './RunKey'
import { RunPicker } from './RunPicker'
import { followRecords, type Loaded, recordsStore } from './records'
import type { RunRecord } from './run_record'
import { type DesignNames, useDesignNames } from './useDesignNames'
import { useMeasured } from './useMeasured'
import '../dashboard/panel.css'
import './compare.css'

/** A run with its place among the chosen ones, which gives its letter and its colour. */
export interface Shown {
  index: number
  record: RunRecord
}

const choose = (runIds: readonly string[]): void => replacePlace(compareHref(runIds))

export function CompareScreen({ runIds }: { runIds: readonly string[] }) {
  const key = runIds.join(',')
  const [picking, setPicking] = useState(runIds.length < 2)
  const loaded = useStore(recordsStore, (state) => state.loaded)
  const nameOf = useDesignNames()
  useEffect(() => followRecords(key === '' ? [] : key.split(',')), [key])
  const shown = useMemo(
    () =>
      (key === '' ? [] : key.split(',')).flatMap((runId, index) => {
        const record = loaded[runId]?.record
        return record ? [{ index, record }] : []
      }),
    [key, loaded],
  )
  return (
    <>
      <ul className="compared-runs" aria-label="Compared runs">
        {runIds.map((runId, index) => (
          <ComparedRun
            key={runId}
            index={index}
            loaded={loaded[runId]}
            nameOf={nameOf}
            onRemove={() => choose(toggled(runIds, runId))}
          />
        ))}
      </ul>
      <div className="compare-actions">
        <button type="button" className="button" onClick={() => setPicking(true)}>
          <Icon name="add" /> {runIds.length < MAX_COMPARED ? 'Add runs' : 'Change runs'}
        </button>
        <a className="button" href={LEADERBOARD}>
          <Icon name="chart" /> Leaderboard
        </a>
      </div>
      {shown.length < 2 ? <TooFew chosen={runIds.length} /> : <Comparison shown={shown} nameOf={nameOf} />}
      {picking && <RunPicker chosen={runIds} nameOf={nameOf} onChoose={choose} onClose={() => setPicking(false)} />}
    </>
  )
}

function TooFew({ chosen }: { chosen: number }) {
  return (
    <p className="quiet compare-empty" role="status">
      {chosen < 2 ? 'Choose two to six runs, of any designs.' : 'Two runs that this phone has are needed.'}
    </p>
  )
}

interface ComparedRunProps {
  index: number
  loaded: Loaded | undefined
  nameOf: DesignNames
  onRemove: () => void
}

function ComparedRun({ index, loaded, nameOf, onRemove }: ComparedRunProps) {
  const record = loaded?.record
  return (
    <li>
      <RunKey index={index} />
      <div className="compared-words">
        {record && (
          <button type="button" className="compared-name" data-no-terms onClick={() => openRun(record.run)}>
            {nameOf(record.run.design_id, record.design?.name)}
          </button>
        )}
        {record && <small>{shortLineOf(record.run)}</small>}
        {!loaded && <small role="status">Reading…</small>}
        {loaded?.trouble && (
          <small className="compared-trouble" role="status">
            <Icon name="offline" /> <span>{loaded.trouble}</span>
          </small>
        )}
      </div>
      <button
        type="button"
        className="button"
        data-look="bare"
        data-square
        aria-label={`Remove run ${letterOf(index)}`}
        onClick={onRemove}
      >
        <Icon name="close" />
      </button>
    </li>
  )
}

/** "PPO · 1.20 M moves · 3 Nov" */
function shortLineOf(run: Run): string {
  const made = `${roughly(run.steps)} moves${isActive(run.status) ? ' so far' : ''}`
  return [run.name || termOf(algorithmOf(run)), made, timeOrDay(new Date(run.created_at))].join(' · ')
}

function Comparison({ shown, nameOf }: { shown: readonly Shown[]; nameOf: DesignNames }) {
  const { measured, trouble } = useMeasured(shown)
  return (
    <>
      <CompareChart shown={shown} />
      <CompareTests shown={shown} />
      <CompareFacts shown={shown} sizes={measured.sizes} trouble={trouble} />
      <CompareSettings shown={shown} />
      <CompareDesigns shown={shown} differences={measured.differences} trouble={trouble} nameOf={nameOf} />
    </>
  )
}
