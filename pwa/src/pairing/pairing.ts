/** API calls for pairing: exchange a code, list and revoke devices, read the audit log. */

import { callServer, fetchJson } from '../api/fetch_json'
import type { AuditEntry, Device } from '../generated/wire'
import { connectLive } from '../live/live'
import { deviceName } from '../sync/device_name'
import { syncSoon } from '../sync/sync'
import { codeIn } from './code'

/** Whether the app runs as an installed app, from the home screen. */
export const isInstalled = (): boolean =>
  matchMedia('(display-mode: standalone)').matches || (navigator as { standalone?: boolean }).standalone === true

/** The default name of this device: "Safari on iPhone (installed)". */
export const suggestedName = (): string => `${deviceName() || 'Browser'}${isInstalled() ? ' (installed)' : ''}`

/** Whether this is a browser on iOS, where installed apps have storage of their own. */
export const isAppleBrowser = (): boolean => /iPhone|iPad/.test(navigator.userAgent) && !isInstalled()

/** an exchange that began before the pairing sheet was loaded, which shows how it ends */
let early: { code: string; device: Promise<Device> } | undefined

/** Begin to pair while the app is still loading; resolves to undefined where the pairing sheet has to show what is next. */
export async function pairEarly(text: string): Promise<Device | undefined> {
  const code = codeIn(text)
  if (!code) return
  early = { code, device: exchange(code, suggestedName()) }
  const device = await early.device.catch(() => undefined)
  if (!device || isAppleBrowser()) return
  early = undefined
  return device
}

/** Pair this browser, then start sync and live messages. Throws `ApiProblem`. */
export function pair(code: string, name: string): Promise<Device> {
  const device = early?.code === code ? early.device : exchange(code, name)
  early = undefined
  return device
}

async function exchange(code: string, name: string): Promise<Device> {
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
