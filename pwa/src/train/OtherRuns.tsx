/** The other runs of the open design, the newest first: what each learned and came to; a tap shows it in whole. */

import { useState } from 'react'
import { useStore } from 'zustand'
import type { Run } from '../generated/wire'
import { plural } from '../ui/numbers'
import './other-runs.css'
import { showRun, trainStore } from '../runs/runs'
import { DeleteRun } from './RunDeletion'
import { RunLine } from './RunLine'

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
            <button type="button" className="other-run" onClick={() => show(run)}>
              <RunLine run={run} id={`run-${run.id}`} />
            </button>
            <DeleteRun run={run} describedBy={`run-${run.id}`} />
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
