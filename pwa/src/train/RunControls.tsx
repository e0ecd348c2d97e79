/** The buttons of a run: pause or resume, stop, and taking the network home. */

import { useStore } from 'zustand'
import { ExportButtons, ExportStatus } from '../export/ExportButtons'
import type { Run } from '../generated/wire'
import { Icon } from '../theme/Icon'
import './controls.css'
import { canGoOn, isActive } from './followed'
import { newestUpdate } from './history'
import { statusOf, type TrainState, tellRun, trainStore } from './runs'

export function RunControls({ run }: { run: Run }) {
  const status = useStore(trainStore, statusOf)
  const active = isActive(status)
  const played = useStore(trainStore, hasPlayed)
  const chosen = useStore(trainStore, (state) => state.chosen === run.id)
  const best = useStore(trainStore, ({ history }) => history?.best?.steps)
  const resume = (
    <button type="button" className="button" onClick={() => void tellRun('resume')}>
      <Icon name="train" /> Resume
    </button>
  )
  return (
    <div className="run-controls">
      <ExportStatus designId={run.design_id} />
      {active && (
        <>
          {status === 'paused' ? (
            resume
          ) : (
            <button type="button" className="button" disabled={status === 'queued'} onClick={() => void tellRun('pause')}>
              <Icon name="pause" /> Pause
            </button>
          )}
          <button type="button" className="button" onClick={() => void tellRun('stop')}>
            <Icon name="stop" /> Stop
          </button>
        </>
      )}
      {canGoOn(status) && resume}
      <ExportButtons
        designId={run.design_id}
        runId={chosen || best !== undefined ? run.id : undefined}
        bestAfter={best}
        disabled={!played}
      />
    </div>
  )
}

/** Whether the chosen run, or any where none was chosen, has a network to take home. */
const hasPlayed = ({ run, history, others, chosen }: TrainState): boolean =>
  (run?.steps ?? 0) > 0 ||
  (history ? newestUpdate(history) !== undefined : false) ||
  (chosen !== run?.id && others.some(({ steps }) => steps > 0))
