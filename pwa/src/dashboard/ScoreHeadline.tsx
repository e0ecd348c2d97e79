/** The one number of a run: its test score, against random and greedy play. */

import type { Evaluation, RunStatus, TrainingUpdate } from '../generated/wire'
import { isActive } from '../runs/selected_run'
import { CountUp } from '../ui/CountUp'
import { exactly, roughly } from '../ui/numbers'
import './score-headline.css'

interface Props {
  /** the newest test games of the policy that an exported network plays */
  tested: Evaluation | undefined
  update: TrainingUpdate | undefined
  status: RunStatus | undefined
}

export function ScoreHeadline({ tested, update, status }: Props) {
  return (
    <section className="score-headline" aria-label="Test score">
      {tested ? <Tested tested={tested} /> : <Untested status={status} />}
      {update?.score != null && (
        <p className="quiet">
          Training score {roughly(update.score)}: mean of the last games it learned from, played by weights that still change.
        </p>
      )}
    </section>
  )
}

function Tested({ tested }: { tested: Evaluation }) {
  return (
    <>
      <p className="score-number">
        <CountUp value={Math.round(tested.mean_score)} write={exactly} /> test score
      </p>
      <p className="score-against">
        <Against score={tested.mean_score} rule={tested.greedy_score} name="the greedy rule" />
        <Against score={tested.mean_score} rule={tested.random_score} name="random play" />
      </p>
    </>
  )
}

/** "3.1 × the greedy rule (1,984)" */
function Against({ score, rule, name }: { score: number; rule: number; name: string }) {
  if (rule <= 0) return null
  return (
    <span data-better={score > rule || undefined}>
      <b>{timesWords(score / rule)}</b> {name} ({exactly(Math.round(rule))})
    </span>
  )
}

export const timesWords = (times: number): string => `${times < 9.95 ? times.toFixed(1) : Math.round(times)} ×`

function Untested({ status }: { status: RunStatus | undefined }) {
  return (
    <p className="score-number" data-none>
      {untestedWords(status)}
    </p>
  )
}

/** The server counts the processor time of the training process, so that other work does not bring the test games forward. */
const FIRST_TEST = 'half a minute of processor time'

/** Why there is no test score yet, or none at all. */
export function untestedWords(status: RunStatus | undefined): string {
  if (isActive(status)) return `Test score: after the first test games, which follow ${FIRST_TEST} (longer on a busy server)`
  if (status === 'stopped') return `No test score: stopped before the first test games, which follow ${FIRST_TEST}`
  return status === 'finished'
    ? 'No test score: no test games were played'
    : 'No test score: it ended before the first test games'
}
