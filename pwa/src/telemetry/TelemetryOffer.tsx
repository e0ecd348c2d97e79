/** One line under the list of designs that offers telemetry; it never comes back once the question is answered. */

import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { syncState } from '../sync/sync'
import { Icon } from '../ui/Icon'
import { later, MissingSheet } from '../ui/later'
import { answer } from './answer'
import { consentStore, loadConsent } from './consent'
import './telemetry.css'

const loadQuestion = () => import('./TelemetryQuestion')
const TelemetryQuestion = later(loadQuestion, (parts) => parts.TelemetryQuestion, MissingSheet)

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
