/** The switch in App settings, with what is recorded. */

import { Switch } from '@base-ui/react/switch'
import { useEffect } from 'react'
import { useStore } from 'zustand'
import { answer } from './answer'
import { consentStore, loadConsent } from './consent'
import { WhatIsRecorded } from './WhatIsRecorded'
import '../fields/fields.css'
import './telemetry.css'

export function TelemetrySection() {
  const agreed = useStore(consentStore, (state) => state.answer === 'yes')
  useEffect(() => void loadConsent(), [])
  return (
    <>
      <div className="telemetry-setting">
        <p id="telemetry-help">
          Record use and errors of this device
          <small>On your own server only. Switched off, nothing is recorded, and what waits to be sent is deleted.</small>
        </p>
        <Switch.Root
          className="switch"
          aria-label="Record use and errors of this device"
          aria-describedby="telemetry-help"
          checked={agreed}
          onCheckedChange={(checked) => void answer(checked)}
        >
          <Switch.Thumb className="switch-thumb" />
        </Switch.Root>
      </div>
      <WhatIsRecorded />
    </>
  )
}
