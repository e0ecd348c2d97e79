/** The setting: whether this phone is notified, and what to do where it cannot be. */

import { Switch } from '@base-ui/react/switch'
import { useEffect, useState } from 'react'
import { PAIRING } from '../platform/PairingHint'
import { showToast } from '../ui/toasts'
import { type NotificationState, readNotifications, sentenceOf, turnOff, turnOn } from './notifications'
import { OBSTACLE_WORDS } from './obstacle_words'
import '../fields/fields.css'
import './notifications.css'

export function NotificationSetting() {
  const [state, setState] = useState<NotificationState>()
  const [busy, setBusy] = useState(false)
  useEffect(() => watch(setState), [])
  const change = async (on: boolean) => {
    setBusy(true)
    try {
      setState(await (on ? turnOn() : turnOff()))
    } catch (error) {
      showToast(sentenceOf(error), { tone: 'bad' })
    }
    setBusy(false)
  }
  const obstacle = state === undefined || state === 'on' || state === 'off' ? undefined : state
  return (
    <>
      <div className="notification-setting" data-off={obstacle !== undefined || undefined}>
        <p id="notification-help">
          When a run ends or fails
          <small>Also while the app is closed. It names the design and the score.</small>
        </p>
        <Switch.Root
          className="switch"
          aria-label="Notify me when a run ends or fails"
          aria-describedby="notification-help"
          checked={state === 'on'}
          disabled={state === undefined || obstacle !== undefined || busy}
          onCheckedChange={(checked) => void change(checked)}
        >
          <Switch.Thumb className="switch-thumb" />
        </Switch.Root>
      </div>
      {obstacle && (
        <div className="notification-obstacle" role="status" aria-label="Why not">
          <p>{OBSTACLE_WORDS[obstacle]}</p>
          {obstacle === 'not-paired' && (
            <a className="button" href={PAIRING}>
              Pair
            </a>
          )}
        </div>
      )}
    </>
  )
}

/** Read the state now, and again when the person comes back, for example from the settings of the phone. */
function watch(set: (state: NotificationState) => void): () => void {
  let left = false
  const read = () => {
    if (document.visibilityState === 'visible') void readNotifications().then((state) => left || set(state))
  }
  read()
  document.addEventListener('visibilitychange', read)
  return () => {
    left = true
    document.removeEventListener('visibilitychange', read)
  }
}
