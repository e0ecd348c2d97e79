/** The Code screen, whose code is loaded when it is first opened, so that the first visit is small. */

import { later } from './later'

/** Happens after an update whose files have not arrived. */
function NotLoaded() {
  return (
    <div className="empty-place" role="status" aria-label="Code">
      <p>This screen could not be loaded. Your designs are safe; reload the page to try again.</p>
      <button type="button" className="button" data-look="primary" onClick={() => location.reload()}>
        Reload
      </button>
    </div>
  )
}

export const LaterCodeScreen = later(
  () => import('../compile/CodeScreen'),
  ({ CodeScreen }) => CodeScreen,
  NotLoaded,
)
