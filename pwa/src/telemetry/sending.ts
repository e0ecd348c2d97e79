/** Sends queued events, and a deletion that was asked for, to the server; it runs in pages and in the service worker. */
import { ApiProblem } from '../api/problem'
import { deleteTelemetry, postTelemetry } from '../api/telemetry'
import { exclusive } from '../lib/exclusive'
import { noteDeletion, readQueue, removeQueued } from '../storage/telemetry'

/** as many as the server takes in one call */
const AT_ONCE = 100
/** Statuses with which a server that has read the call refuses its content. */
const CONTENT_REFUSED = new Set([400, 413, 422])

const exclusively = exclusive('model-studio-telemetry')

/** Send until nothing waits; throws `ApiProblem` if the server cannot be reached. An event that it refuses is dropped. */
export function sendTelemetry(): Promise<void> {
  return exclusively(async () => {
    let atOnce = AT_ONCE
    for (let queue = await readQueue(atOnce); queue; queue = await readQueue(atOnce)) {
      const { deviceId, deletes, events } = queue
      if (deletes) {
        await deleteTelemetry(deviceId)
        await noteDeletion(deviceId)
        continue
      }
      if (events.length === 0) return
      try {
        await postTelemetry({ device_id: deviceId, events })
      } catch (error) {
        if (!isRefusal(error)) throw error
        // sent one by one, only the refused event is lost
        if (events.length > 1) {
          atOnce = 1
          continue
        }
      }
      await removeQueued(events)
    }
  })
}

const isRefusal = (error: unknown): boolean =>
  error instanceof ApiProblem && error.fromServer && CONTENT_REFUSED.has(error.status)

/** The tag of the `sync` event with which the browser wakes the service worker for telemetry. */
export const TELEMETRY_SYNC = 'telemetry'
