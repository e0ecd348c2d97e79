/** The calls about telemetry: send events, read and delete those of this device. */
import type { RecordedEvent, TelemetryBatch, TelemetryReceipt } from '../generated/wire'
import { callServer, fetchJson } from './fetch_json'

export const TELEMETRY_PATH = '/api/telemetry'

const queryOf = (deviceId: string, more: Record<string, string> = {}): string =>
  `${TELEMETRY_PATH}?${new URLSearchParams({ device_id: deviceId, ...more })}`

/** Store events; those that the server has already change nothing. Throws `ApiProblem`. */
export function postTelemetry(batch: TelemetryBatch): Promise<TelemetryReceipt> {
  return fetchJson(TELEMETRY_PATH, { method: 'POST', json: batch })
}

/** The events of a device, newest first, at most `limit` of those before the event with number `before`. */
export function readTelemetry(deviceId: string, limit: number, before?: number): Promise<RecordedEvent[]> {
  return fetchJson(queryOf(deviceId, { limit: String(limit), ...(before !== undefined && { before: String(before) }) }))
}

/** Delete all events of a device. */
export async function deleteTelemetry(deviceId: string): Promise<void> {
  await callServer(queryOf(deviceId), { method: 'DELETE' })
}
