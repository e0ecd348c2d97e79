/** The buttons of a run: pause or resume, stop, and taking the network home. */

import { useStore } from 'zustand'
import { ExportButtons } from '../export/ExportButtons'
import type { Run } from '../generated/wire'
import { Icon } from '../theme/Icon'
import { isActive, statusOf, tellRun, trainStore } from './runs'

export function RunControls({ run }: { run: Run }) {
  const status = useStore(trainStore, statusOf)
  const active = isActive(status)
  return (
    <div className="run-controls">
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
      <ExportButtons designId={run.design_id} />
    </div>
  )
}
