/** One run in a line: algorithm, status, moves made, when it was started. */

import type { Run } from '../generated/wire'
import { stuckWords, titleOfRun } from '../runs/labels'
import { lineOf } from '../runs/run_line'
import { bestOf, isStuck } from '../runs/selected_run'
import { Tags } from '../runs/Tags'
import { Icon } from '../ui/Icon'
import { roughly } from '../ui/numbers'

export function RunLine({ run, id }: { run: Run; id: string }) {
  const best = bestOf(run)
  return (
    <>
      <span className="other-run-words" id={id}>
        <b>{titleOfRun(run)}</b>
        <small>{lineOf(run)}</small>
        <Tags tags={run.tags} />
        {isStuck(run) && <Alert tone="bad" words={stuckWords(run)} />}
        {run.warning && <Alert tone="warn" words={`Warning: ${run.warning}`} />}
      </span>
      {best !== null && (
        <span className="other-run-score">
          {roughly(best)}
          <small>best in training</small>
        </span>
      )}
    </>
  )
}

function Alert({ tone, words }: { tone: 'bad' | 'warn'; words: string }) {
  return (
    <small className="other-run-alert" data-tone={tone}>
      <Icon name="alert" /> <span>{words}</span>
    </small>
  )
}
