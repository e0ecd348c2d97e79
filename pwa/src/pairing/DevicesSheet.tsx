/** The paired devices, each with first and last use and a button to revoke it. */

import { useCallback, useEffect, useState } from 'react'
import type { Device } from '../generated/wire'
import { sentenceFor } from '../lib/error_sentence'
import { syncSoon } from '../sync/sync'
import { BottomSheet } from '../ui/BottomSheet'
import { Icon } from '../ui/Icon'
import { agoWords, momentOf } from '../ui/times'
import { showToast } from '../ui/toasts'
import { AuditLog } from './AuditLog'
import './pairing.css'
import { readDevices, revoke } from './pairing'

const UNREACHABLE = 'The list is on the server, which cannot be reached.'

export function DevicesSheet({ onClose }: { onClose: () => void }) {
  const [devices, setDevices] = useState<readonly Device[]>()
  const [trouble, setTrouble] = useState<string>()
  const read = useCallback(async () => {
    try {
      setDevices(await readDevices())
      setTrouble(undefined)
    } catch (error) {
      setTrouble(sentenceFor(error, { unreachable: UNREACHABLE }))
    }
  }, [])
  useEffect(() => void read(), [read])
  const onRevoke = async (device: Device) => {
    try {
      await revoke(device.id)
      showToast(`Revoked ${device.name}`)
      if (device.current) {
        syncSoon('revoked')
        return onClose()
      }
    } catch (error) {
      showToast(sentenceFor(error, { unreachable: UNREACHABLE }), { tone: 'bad' })
    }
    await read()
  }
  return (
    <BottomSheet title="Devices" note="These devices can use the server." full onClose={onClose}>
      {trouble && (
        <p className="error-notice" role="status">
          <Icon name="alert" /> {trouble}
        </p>
      )}
      {!devices && !trouble && <span className="spinner" role="status" aria-label="Loading" />}
      {devices?.length === 0 && (
        <p className="quiet">
          No device is paired. To use the app on a phone, run <code>make phone</code> on the machine of the server.
        </p>
      )}
      <ul className="devices" aria-label="Paired devices">
        {devices?.map((device) => (
          <DeviceRow key={device.id} device={device} onRevoke={() => onRevoke(device)} />
        ))}
      </ul>
      {devices && <AuditLog />}
    </BottomSheet>
  )
}

function DeviceRow({ device, onRevoke }: { device: Device; onRevoke: () => Promise<void> }) {
  const [asked, setAsked] = useState(false)
  const [busy, setBusy] = useState(false)
  const confirm = async () => {
    setBusy(true)
    await onRevoke()
    setBusy(false)
  }
  return (
    <li>
      <Icon name="phone" />
      <div className="device-words">
        <b>{device.name}</b>
        {device.current && <span className="device-mark">This device</span>}
        <small>
          Used {agoWords(new Date(device.last_used_at), new Date())} · paired {momentOf(new Date(device.paired_at))}
        </small>
      </div>
      {!asked && (
        <button type="button" className="button" aria-label={`Revoke ${device.name}`} onClick={() => setAsked(true)}>
          Revoke
        </button>
      )}
      {asked && (
        <fieldset className="device-question" aria-label={`Revoke ${device.name}?`}>
          <p>
            {device.current ? 'This device' : 'It'} keeps its drawings, but can no longer use the server until it is paired again.
          </p>
          <button type="button" className="button" data-look="bad" disabled={busy} onClick={() => void confirm()}>
            Revoke
          </button>
          <button type="button" className="button" onClick={() => setAsked(false)}>
            Cancel
          </button>
        </fieldset>
      )}
    </li>
  )
}
