/** The dialog before a run: its length, its goal and the forecast are chosen already, so that Start is the second tap. */

import { useStore } from 'zustand'
import { documentStore } from '../document/store'
import { closeSheet } from '../editor/ui_state'
import { askAfterStart } from '../notifications/question'
import { RunEstimate } from '../run_config/RunEstimate'
import { expectedSeconds } from '../runs/forecast'
import { startRun } from '../runs/runs'
import { BottomSheet } from '../ui/BottomSheet'
import { Icon } from '../ui/Icon'
import { LongerSheet } from './LongerSheet'
import './train-sheet.css'

/** `longer` is the id of a run to train longer; undefined for a new run. */
export function TrainSheet({ longer }: { longer: string | undefined }) {
  return longer === undefined ? <NewRun /> : <LongerSheet runId={longer} />
}

function NewRun() {
  const design = useStore(documentStore, (state) => state.design)
  if (!design) return null
  const start = () => {
    closeSheet()
    askAfterStart(design.id, expectedSeconds(design))
    void startRun(design.id)
  }
  const foot = (
    <button type="button" className="button start-run" data-look="primary" onClick={start}>
      <Icon name="train" /> Start
    </button>
  )
  return (
    <BottomSheet title="Train" note={`“${design.name}”, from new weights`} foot={foot} onClose={closeSheet}>
      <RunEstimate />
    </BottomSheet>
  )
}
