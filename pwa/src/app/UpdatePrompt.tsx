/** Offers a newer version of the app: one that is ready on this phone, that another tab has taken, or that the open design needs. */

import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { schemaVersion } from '../document/catalogue'
import { documentStore } from '../document/store'
import { checkForUpdate, offlineState } from '../offline/offline'
import { storageState } from '../storage/database'
import { reloadNow, takeUpdate } from './reload'

export function UpdatePrompt() {
  const waiting = useStore(offlineState, (state) => state.updateWaiting)
  const replaced = useStore(offlineState, (state) => state.replaced)
  const outdated = useStore(storageState, (state) => state.outdated === true)
  const newer = useStore(documentStore, ({ design }) => design !== null && design.schema_version > schemaVersion)
  useEffect(() => {
    if (newer) void checkForUpdate()
  }, [newer])
  if (outdated)
    return (
      <Prompt key="outdated" text="A newer version is in use. This tab cannot store changes." action="Reload" run={reloadNow} />
    )
  if (replaced)
    return <Prompt key="replaced" text="The app was updated in another tab." action="Reload" run={reloadNow} canWait />
  if (waiting) {
    const text = newer ? 'This design needs the newer version, which is ready.' : 'A newer version is ready.'
    return <Prompt key="waiting" text={text} action="Update" run={takeUpdate} canWait />
  }
  if (!newer) return null
  const text = 'This design was changed with a newer version of the app. Nothing of it is lost; update to work on it.'
  return <Prompt key="newer" text={text} action="Look for it" run={checkForUpdate} canWait repeats />
}

interface PromptProps {
  text: string
  action: string
  run: () => void | Promise<void>
  canWait?: boolean
  /** whether it can be tried again */
  repeats?: boolean
}

function Prompt({ text, action, run, canWait = false, repeats = false }: PromptProps) {
  const [state, setState] = useState<'shown' | 'hidden' | 'running'>('shown')
  if (state === 'hidden') return null
  const start = async () => {
    setState('running')
    await run()
    if (repeats) setState('shown')
  }
  return (
    <section className="floating-card" aria-label="Update">
      <p>{text}</p>
      {canWait && (
        <button type="button" className="button" data-look="bare" onClick={() => setState('hidden')}>
          Later
        </button>
      )}
      <button type="button" className="button" data-look="primary" disabled={state === 'running'} onClick={() => void start()}>
        {action}
      </button>
    </section>
  )
}
