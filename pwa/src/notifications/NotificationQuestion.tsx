/** Asks once, after a long run was started, whether the phone should be notified; nothing is shown where it cannot be. */

import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { Icon } from '../ui/Icon'
import { duration } from '../ui/numbers'
import { showToast } from '../ui/toasts'
import { readNotifications, sentenceOf, turnOn } from './notifications'
import { OBSTACLE_WORDS } from './obstacle_words'
import { dropQuestion, noteAnswer, questionStore } from './question'
import './notifications.css'

export function NotificationQuestion() {
  const seconds = useStore(questionStore, (state) => state.seconds)
  const [possible, setPossible] = useState(false)
  useEffect(() => {
    void readNotifications().then((state) => {
      if (state === 'off') setPossible(true)
      else dropQuestion()
    })
  }, [])
  if (!possible) return null
  return (
    <section className="notification-question" aria-label="Notifications">
      <Icon name="bell" />
      <p>
        Notify you when it ends?
        <small>
          This run takes about {duration(seconds)}. A notification also comes when a run fails, and while the app is closed.
        </small>
      </p>
      <div className="notification-answers">
        <button type="button" className="button" data-look="bare" onClick={noteAnswer}>
          Not now
        </button>
        <button type="button" className="button" data-look="primary" onClick={() => void accept()}>
          Notify me
        </button>
      </div>
    </section>
  )
}

async function accept(): Promise<void> {
  try {
    const state = await turnOn()
    if (state === 'on') showToast('This phone is notified when a run ends. App settings turn it off.')
    else if (state !== 'off') showToast(OBSTACLE_WORDS[state], { tone: 'bad' })
    noteAnswer()
  } catch (error) {
    // it stays, to be tried again
    showToast(sentenceOf(error), { tone: 'bad' })
  }
}
