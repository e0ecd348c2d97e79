/** API calls for pairing: exchange a code, list and revoke devices, read the audit log. */

import { callServer, fetchJson } from '../api/fetch_json'
import type { AuditEntry, Device } from '../generated/wire'
import { connectLive } from '../live/live'
import { deviceName } from '../sync/device_name'
import { syncSoon } from '../sync/sync'

/** Whether the app runs as an installed app, from the home screen. */
export const isInstalled = (): boolean =>
  matchMedia('(display-mode: standalone)').matches || (navigator as { standalone?: boolean }).standalone === true

/** The default name of this device: "Safari on iPhone (installed)". */
export const suggestedName = (): string => `${deviceName() || 'Browser'}${isInstalled() ? ' (installed)' : ''}`

/** Pair this browser, then start sync and live messages. Throws `ApiProblem`. */
export async function pair(code: string, name: string): Promise<Device> {
  const device = await fetchJson<Device>('/api/pair', { method: 'POST', json: { code, name } })
  syncSoon('paired')
  connectLive()
  return device
}

export const readDevices = (): Promise<Device[]> => fetchJson('/api/devices')
export const readAudit = (before?: number): Promise<AuditEntry[]> =>
  fetchJson(before === undefined ? '/api/audit' : `/api/audit?before=${before}`)

export async function revoke(deviceId: string): Promise<void> {
  await callServer(`/api/devices/${encodeURIComponent(deviceId)}`, { method: 'DELETE' })
}
