/** The Train screen, whose code is loaded once the shell has started, so that the first visit is small. */

import { later } from './later'

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

export const LaterTrainScreen = later(
  () => import('../train/TrainScreen'),
  ({ TrainScreen }) => TrainScreen,
  NotLoaded,
)
