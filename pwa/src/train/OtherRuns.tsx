/** The other runs of the open design, the newest first: what each learned and came to; a tap shows it in whole. */

import { useState } from 'react'
import { useStore } from 'zustand'
import type { Run } from '../generated/wire'
import { dateWriter } from '../theme/locale'
import { plural, roughly } from '../theme/numbers'
import { bestOf } from './followed'
import './other-runs.css'
import { showRun, trainStore } from './runs'
import { algorithmOf, learnedBy, STATUS_WORDS } from './words'

const SHOWN_AT_ONCE = 5

export function OtherRuns({ onShow }: { onShow: () => void }) {
  const others = useStore(trainStore, (state) => state.others)
  const [whole, setWhole] = useState(false)
  if (others.length === 0) return null
  const shown = whole ? others : others.slice(0, SHOWN_AT_ONCE)
  const show = (run: Run) => {
    onShow()
    void showRun(run.id)
  }
  return (
    <section className="panel other-runs" aria-label="Other runs">
      <h2>Other runs of this design</h2>
      <ul>
        {shown.map((run) => (
          <li key={run.id}>
            <button type="button" onClick={() => show(run)}>
              <Line run={run} />
            </button>
          </li>
        ))}
      </ul>
      {shown.length < others.length && (
        <button type="button" className="button" onClick={() => setWhole(true)}>
          {plural(others.length - shown.length, 'older run')}
        </button>
      )}
    </section>
  )
}

function Line({ run }: { run: Run }) {
  const best = bestOf(run)
  return (
    <>
      <span className="other-run-words">
        <b>{learnedBy(run)?.title ?? algorithmOf(run)}</b>
        <small>
          {STATUS_WORDS[run.status]} · {run.steps > 0 ? `${roughly(run.steps)} moves` : 'no moves'} · {whenOf(run)}
        </small>
      </span>
      {best !== null && (
        <span className="other-run-score">
          {roughly(best)}
          <small>best mean</small>
        </span>
      )}
    </>
  )
}

const timeOfDay = dateWriter({ hour: '2-digit', minute: '2-digit' })
const day = dateWriter({ day: 'numeric', month: 'short' })

/** The time of a run asked for today, the day of an older one. */
function whenOf({ created_at }: Run): string {
  const asked = new Date(created_at)
  return (asked.toDateString() === new Date().toDateString() ? timeOfDay : day)(asked)
}
