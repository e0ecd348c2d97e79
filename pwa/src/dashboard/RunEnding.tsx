/** How a run ended: where by an error, why in plain language, with the one thing to do about it. */

import type { Run } from '../generated/wire'
import { type Failure, failureOf, reasonOf } from '../runs/failures'
import { controlRun } from '../runs/runs'
import { trainAgain } from '../runs/train_again'
import './run-ending.css'

export function RunEnding({ run }: { run: Run }) {
  const failure = failureOf(run)
  const reason = reasonOf(run)
  if (failure) return <FailureCard failure={failure} reason={reason} run={run} />
  return reason ? <p className="quiet">{reason}</p> : null
}

function FailureCard({ failure, reason, run }: { failure: Failure; reason: string | undefined; run: Run }) {
  const { words, remedy, label } = failure
  const act = () => {
    if (remedy.how === 'continue') void controlRun('resume')
    else trainAgain(run, remedy.changes)
  }
  return (
    <div className="run-failure">
      <p>{words}</p>
      {reason && (
        <details>
          <summary>What the server says</summary>
          <p>{reason}</p>
        </details>
      )}
      <button type="button" className="button" data-look="primary" onClick={act}>
        {label}
      </button>
    </div>
  )
}
