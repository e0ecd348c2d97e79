/** What a person should know of a run that has not ended by itself: it does not answer, or it may have diverged. */

import type { Run } from '../generated/wire'
import { stuckWords } from '../runs/labels'
import { isStuck } from '../runs/selected_run'
import { Icon } from '../ui/Icon'
import './run-notices.css'

export function RunNotices({ run }: { run: Run }) {
  return (
    <>
      {isStuck(run) && (
        <p className="run-notice" data-tone="bad">
          <Icon name="alert" />
          <span>
            <b>{stuckWords(run)}</b> Stop ends it, by force if need be; its last checkpoint is kept.
          </span>
        </p>
      )}
      {run.warning && (
        <p className="run-notice" data-tone="warn">
          <Icon name="alert" />
          <span>
            <b>Warning</b> {run.warning}
          </span>
        </p>
      )}
    </>
  )
}
