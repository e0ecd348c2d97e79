/** The calls about pairing: exchange a code, list and revoke devices, read what they changed. */

import { callServer, fetchJson } from '../api/fetch_json'
import type { AuditEntry, Device, PairingState } from '../generated/wire'
import { connectLive } from '../live/live'
import { deviceName } from '../sync/device_name'
import { syncSoon } from '../sync/sync'

/** Whether the app runs by itself, from the home screen. */
export const isInstalled = (): boolean =>
  matchMedia('(display-mode: standalone)').matches || (navigator as { standalone?: boolean }).standalone === true

/** The name that other devices see: "Safari on iPhone (installed)". */
export const suggestedName = (): string => `${deviceName() || 'Browser'}${isInstalled() ? ' (installed)' : ''}`

/** Pair this browser; what waits is then sent, and live messages begin. Throws `ApiProblem`. */
export async function pair(code: string, name: string): Promise<Device> {
  const device = await fetchJson<Device>('/api/pair', { method: 'POST', json: { code, name } })
  syncSoon('paired')
  connectLive()
  return device
}

export const readPairing = (): Promise<PairingState> => fetchJson('/api/pair')
export const readDevices = (): Promise<Device[]> => fetchJson('/api/devices')
export const readAudit = (before?: number): Promise<AuditEntry[]> =>
  fetchJson(before === undefined ? '/api/audit' : `/api/audit?before=${before}`)

export async function revoke(deviceId: string): Promise<void> {
  await callServer(`/api/devices/${encodeURIComponent(deviceId)}`, { method: 'DELETE' })
}
