/** The other runs of the open design, the newest first, with algorithm, status and score; a tap shows one in full. */

import { useState } from 'react'
import { useStore } from 'zustand'
import type { Run } from '../generated/wire'
import { plural } from '../ui/numbers'
import './other-runs.css'
import { showRun, trainStore } from '../runs/runs'
import { DeleteRun } from './RunDeletion'
import { RunLine } from './RunLine'

const MAX_FOLDED = 5

export function OtherRuns({ onShow }: { onShow: () => void }) {
  const others = useStore(trainStore, (state) => state.others)
  const [unfolded, setUnfolded] = useState(false)
  if (others.length === 0) return null
  const shown = unfolded ? others : others.slice(0, MAX_FOLDED)
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
        <button type="button" className="button" onClick={() => setUnfolded(true)}>
          {plural(others.length - shown.length, 'older run')}
        </button>
      )}
    </section>
  )
}
