/** The question whether this device may record its use. */

import { BottomSheet } from '../ui/BottomSheet'
import { answer } from './answer'
import { WhatIsRecorded } from './WhatIsRecorded'
import './telemetry.css'

/** What would be recorded, and the question; closing it leaves the question open. */
export function TelemetryQuestion({ onClose }: { onClose: () => void }) {
  const choose = (yes: boolean) => {
    onClose()
    void answer(yes)
  }
  const foot = (
    <div className="telemetry-choices">
      <button type="button" className="button" onClick={() => choose(false)}>
        No
      </button>
      <button type="button" className="button" data-look="primary" onClick={() => choose(true)}>
        Yes, record this
      </button>
    </div>
  )
  return (
    <BottomSheet title="Record use and errors?" note="On your own server only, for this device." foot={foot} onClose={onClose}>
      <WhatIsRecorded />
      <p className="quiet">You can see and delete it, and change your answer, in App settings.</p>
    </BottomSheet>
  )
}
