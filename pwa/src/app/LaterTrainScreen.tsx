/** The Train screen, whose code is loaded once the shell has started, so that the first visit is small. */

import { type ComponentType, lazy, Suspense } from 'react'

const load = () => import('../train/TrainScreen')

const TrainScreen = lazy(async () => {
  const loaded = await load().catch(() => null)
  return { default: (loaded?.TrainScreen ?? NotLoaded) as ComponentType }
})

export function LaterTrainScreen() {
  return (
    <Suspense fallback={null}>
      <TrainScreen />
    </Suspense>
  )
}

/** Happens after an update that replaced the file. */
function NotLoaded() {
  return (
    <div className="empty-place" role="status" aria-label="Train">
      <p>This screen could not be loaded. Your designs and runs are safe; reload the page to try again.</p>
      <button type="button" className="button" data-look="primary" onClick={() => location.reload()}>
        Reload
      </button>
    </div>
  )
}
