/** Records and sends while the person agrees; without consent it only finishes a deletion that was asked for. */
import { startSending } from './background'
import { followCommands } from './commands'
import { consentStore, loadConsent } from './consent'
import { followErrors } from './errors'
import { followOfflineTime } from './offline_time'

let stops: (() => void)[] = []
let started = false

/** Follow the consent from now on. */
export async function startTelemetry(): Promise<void> {
  if (started) return
  started = true
  consentStore.subscribe(update)
  await loadConsent()
  // a screen may have read the answer before
  update()
}

function update(): void {
  const { answer, deletes } = consentStore.getState()
  const wanted =
    answer === 'yes' ? [followErrors, followOfflineTime, followCommands, startSending] : deletes ? [startSending] : []
  if (wanted.length === stops.length) return
  for (const stop of stops) stop()
  stops = wanted.map((follow) => follow())
}
