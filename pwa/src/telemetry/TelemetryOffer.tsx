/** One line under the list of designs that offers telemetry; it never comes back once the question is answered. */

import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { syncState } from '../sync/sync'
import { BottomSheet } from '../ui/BottomSheet'
import { Icon } from '../ui/Icon'
import { consentStore, loadConsent } from './consent'
import { answer } from './TelemetrySection'
import { WhatIsRecorded } from './WhatIsRecorded'
import './telemetry.css'

export function TelemetryOffer() {
  const unanswered = useStore(consentStore, (state) => state.answer === 'none')
  const hasServer = useStore(syncState, (state) => state.lastSyncedAt !== undefined)
  const [open, setOpen] = useState(false)
  useEffect(() => void loadConsent(), [])
  if (!unanswered || !hasServer) return null
  return (
    <>
      <section className="telemetry-offer" aria-label="Telemetry">
        <p>Help to find errors of this app?</p>
        <button type="button" className="button" data-look="bare" onClick={() => setOpen(true)}>
          See how
        </button>
        <button
          type="button"
          className="button"
          data-look="bare"
          data-square
          aria-label="No, record nothing"
          onClick={() => void answer(false)}
        >
          <Icon name="close" />
        </button>
      </section>
      {open && <TelemetryQuestion onClose={() => setOpen(false)} />}
    </>
  )
}

/** What would be recorded, and the question; closing it leaves the question open. */
function TelemetryQuestion({ onClose }: { onClose: () => void }) {
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
