/** The Play screen, whose code is loaded when it is first opened, so that the first visit is small. */

import { type ComponentType, useEffect, useState } from 'react'

type Loaded = ComponentType | 'loading' | 'failed'

// a handler chained to `import()` itself would not see a stylesheet that fails to load
const load = () => import('../play/PlayScreen')

let loaded: ComponentType | undefined

export function LaterPlayScreen() {
  const [screen, setScreen] = useState<Loaded>(() => loaded ?? 'loading')
  const [attempt, setAttempt] = useState(1)
  // biome-ignore lint/correctness/useExhaustiveDependencies: each attempt loads again
  useEffect(() => {
    let left = false
    const show = (found: Loaded) => left || setScreen(() => found)
    load().then(
      ({ PlayScreen }) => {
        loaded = PlayScreen
        show(PlayScreen)
      },
      () => show('failed'),
    )
    return () => {
      left = true
    }
  }, [attempt])
  if (screen === 'failed') {
    const again = () => {
      setScreen('loading')
      setAttempt(attempt + 1)
    }
    return attempt === 1 ? <NotLoaded action="Try again" run={again} /> : <NotLoaded action="Reload" run={reload} />
  }
  if (screen === 'loading') return null
  const PlayScreen = screen
  return <PlayScreen />
}

/** Some browsers remember a module that could not be loaded for as long as the page lives. */
const reload = (): void => location.reload()

/** Without a connection before Play was opened once, or after an update that did not fetch it. */
function NotLoaded({ action, run }: { action: string; run: () => void }) {
  return (
    <div className="empty-place" role="status" aria-label="Play">
      <p>Play is not on this phone yet. It is downloaded when you open it with a connection, and then works without one.</p>
      <button type="button" className="button" data-look="primary" onClick={run}>
        {action}
      </button>
    </div>
  )
}
