/** Records an event, if the person agreed. What goes wrong here never reaches what is recorded. */
import { type NewEvent, queueEvent } from '../storage/telemetry'
import { consentStore } from './consent'

/** Queue an event for the server; nothing without consent. */
export async function recordEvent(event: NewEvent): Promise<void> {
  if (consentStore.getState().answer !== 'yes') return
  await queueEvent(event).catch(() => {
    // the phone is full, or lets nothing be stored: the event is left out
  })
}
