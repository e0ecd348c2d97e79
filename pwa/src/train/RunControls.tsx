/** The buttons of a run: pause or resume, stop, and taking the network home. */

import { useStore } from 'zustand'
import { ExportButtons, ExportStatus } from '../export/ExportButtons'
import type { Run } from '../generated/wire'
import { Icon } from '../theme/Icon'
import './controls.css'
import { isActive } from './followed'
import { newestUpdate } from './history'
import { statusOf, type TrainState, tellRun, trainStore } from './runs'

export function RunControls({ run }: { run: Run }) {
  const status = useStore(trainStore, statusOf)
  const active = isActive(status)
  const played = useStore(trainStore, hasPlayed)
  return (
    <div className="run-controls">
      <ExportStatus designId={run.design_id} />
      {active && (
        <>
          {status === 'paused' ? (
            <button type="button" className="button" onClick={() => void tellRun('resume')}>
              <Icon name="train" /> Resume
            </button>
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
      <ExportButtons designId={run.design_id} disabled={!played} />
    </div>
  )
}

/** Whether any run of the design has a network to take home. */
const hasPlayed = ({ run, history, othersPlayed }: TrainState): boolean =>
  othersPlayed || (run?.steps ?? 0) > 0 || (history ? newestUpdate(history) !== undefined : false)
