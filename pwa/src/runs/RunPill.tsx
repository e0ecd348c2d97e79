/** The run that trains now, on every screen: score and progress in one line; a tap opens it. */

import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import type { Run } from '../generated/wire'
import { liveState } from '../live/live'
import { useRoute } from '../navigation/router'
import { getDesign, onDesignsChanged } from '../storage/designs'
import { Icon } from '../ui/Icon'
import { roughly } from '../ui/numbers'
import { showToast } from '../ui/toasts'
import { openRun } from './open_run'
import { eventOf, isAtWork, pillOf, progressWords, shareOf, workWords } from './pill'
import { runsStore } from './run_cache'
import { trainStore } from './runs'
import './run-pill.css'

/** The id of the run that is on the Train screen; undefined on every other screen. */
function useShownRun(): string | undefined {
  const route = useRoute()
  const shown = useStore(trainStore, (state) => state.run?.id)
  return route.screen === 'train' ? shown : undefined
}

export function RunPill({ place }: { place?: 'head' | 'row' }) {
  const runs = useStore(runsStore, (state) => state.runs)
  const pill = pillOf(runs, useShownRun())
  return pill && <Shown key={pill.run.design_id} run={pill.run} others={pill.others} place={place} />
}

function Shown({ run, others, place }: { run: Run; others: number; place: 'head' | 'row' | undefined }) {
  const name = useDesignName(run.design_id)
  const connected = useStore(liveState, (state) => state.connected)
  const progress = progressWords(run)
  return (
    <button
      type="button"
      className="run-pill"
      data-place={place}
      data-quiet={!connected || run.status === 'queued' || undefined}
      onClick={() => openRun(run)}
    >
      <Ring share={shareOf(run)} />
      <span className="run-pill-name">{name || 'A design'}</span>{' '}
      <span className="run-pill-words">
        <span className="run-pill-work">{connected ? workWords(run) : 'at the last update'}</span>{' '}
        {progress && <span className="run-pill-progress">· {progress}</span>}
      </span>{' '}
      {run.score !== null && (
        <span className="run-pill-score">
          <small>score</small> {roughly(run.score)}
        </span>
      )}{' '}
      {others > 0 && <span className="run-pill-more">+{others}</span>}
      <Icon name="greater" />
    </button>
  )
}

const RADIUS = 7
const ROUND = 2 * Math.PI * RADIUS

function Ring({ share }: { share: number }) {
  return (
    <svg className="run-pill-ring" viewBox="0 0 18 18" aria-hidden="true">
      <circle cx="9" cy="9" r={RADIUS} />
      <circle cx="9" cy="9" r={RADIUS} strokeDasharray={`${share * ROUND} ${ROUND}`} transform="rotate(-90 9 9)" />
    </svg>
  )
}

function useDesignName(id: string): string {
  const [name, setName] = useState('')
  useEffect(() => {
    let left = false
    const read = () =>
      getDesign(id).then(
        (row) => !left && row && setName(row.work.name),
        () => {}, // the database cannot be read: the pill does without the name
      )
    void read()
    // a design that another phone made may arrive after its run is known
    const stop = onDesignsChanged((ids) => ids.includes(id) && void read())
    return () => {
      left = true
      stop()
    }
  }, [id])
  return name
}

/** Announces politely that a run began, and shows that one ended; the run on the screen says both itself. */
export function RunAnnouncer() {
  const [said, setSaid] = useState('')
  const shown = useShownRun()
  useEffect(() => runsStore.subscribe(({ runs }, before) => void announce(runs, before.runs, shown, setSaid)), [shown])
  return (
    <p className="sr-only" aria-live="polite">
      {said}
    </p>
  )
}

async function announce(
  runs: readonly Run[],
  before: readonly Run[],
  shown: string | undefined,
  say: (words: string) => void,
): Promise<void> {
  if (before.length === 0) return
  const known = new Map(before.map((run) => [run.id, run]))
  for (const run of runs) {
    // a sweep says itself what became of its runs
    if (known.get(run.id) === run || run.id === shown || run.sweep_id) continue
    const event = eventOf(known.get(run.id), run)
    if (!event) continue
    const row = await getDesign(run.design_id).catch(() => undefined)
    const words = `${row?.work.name ?? 'A design'} ${event}.`
    if (isAtWork(run)) say(words)
    else showToast(words, { tone: run.status === 'failed' ? 'bad' : 'plain' })
  }
}
