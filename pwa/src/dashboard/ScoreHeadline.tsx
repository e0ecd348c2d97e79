/** The one number of a run: its test score, against random and greedy play. */

import type { Evaluation, TrainingUpdate } from '../generated/wire'
import { CountUp } from '../ui/CountUp'
import { exactly, roughly } from '../ui/numbers'
import './score-headline.css'

interface Props {
  /** the newest test games of the policy that an exported network plays */
  tested: Evaluation | undefined
  update: TrainingUpdate | undefined
  active: boolean
}

export function ScoreHeadline({ tested, update, active }: Props) {
  return (
    <section className="score-headline" aria-label="Test score">
      {tested ? <Tested tested={tested} /> : <Untested active={active} />}
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

function Untested({ active }: { active: boolean }) {
  return (
    <p className="score-number" data-none>
      {active ? 'Test score: after the first test games, which follow half a minute of training' : 'No test games were played'}
    </p>
  )
}
