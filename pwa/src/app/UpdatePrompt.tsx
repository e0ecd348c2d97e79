/** Offers a newer version of the app that is ready on this phone, and a reload where another tab has taken it already. */

import { useState } from 'react'
import { useStore } from 'zustand'
import { offlineState } from '../offline/offline'
import { storageState } from '../storage/database'
import { reloadNow, takeUpdate } from './reload'

export function UpdatePrompt() {
  const waiting = useStore(offlineState, (state) => state.updateWaiting)
  const replaced = useStore(offlineState, (state) => state.replaced)
  const outdated = useStore(storageState, (state) => state.outdated === true)
  if (outdated)
    return (
      <Prompt key="outdated" text="A newer version is in use. This tab cannot store changes." action="Reload" run={reloadNow} />
    )
  if (replaced)
    return <Prompt key="replaced" text="The app was updated in another tab." action="Reload" run={reloadNow} canWait />
  return waiting ? <Prompt key="waiting" text="A newer version is ready." action="Update" run={takeUpdate} canWait /> : null
}

interface PromptProps {
  text: string
  action: string
  run: () => void | Promise<void>
  canWait?: boolean
}

function Prompt({ text, action, run, canWait = false }: PromptProps) {
  const [state, setState] = useState<'shown' | 'hidden' | 'running'>('shown')
  if (state === 'hidden') return null
  const start = () => {
    setState('running')
    void run()
  }
  return (
    <section className="update" aria-label="Update">
      <p>{text}</p>
      {canWait && (
        <button type="button" className="button" data-look="bare" onClick={() => setState('hidden')}>
          Later
        </button>
      )}
      <button type="button" className="button" data-look="primary" disabled={state === 'running'} onClick={start}>
        {action}
      </button>
    </section>
  )
}
