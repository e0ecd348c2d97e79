/** What a sweep would take, in a few sentences that a screen reader hears when they change. */

import { useStore } from 'zustand'
import type { SweepPlan } from '../generated/wire'
import { forecastStore, serverWords } from '../runs/forecast'
import { byteWords, duration, plural, roughly } from '../ui/numbers'

interface Props {
  plan: SweepPlan | null
  /** why the form makes no plan */
  problem: string | undefined
  moves: number | undefined
}

export function PlanLine({ plan, problem, moves }: Props) {
  const machine = useStore(forecastStore, (state) => state.machine)
  const wrong = problem ?? plan?.problem ?? undefined
  return (
    <div className="sweep-plan" role="status" aria-label="Plan" data-bad={wrong !== undefined || undefined}>
      {wrong !== undefined && <p>{wrong}</p>}
      {wrong === undefined && plan && (
        <>
          <p>
            <b>{plural(plan.trials.length, 'run')}</b>
            {moves !== undefined && ` of ${roughly(moves)} moves`}, {timeWords(plan)} and {byteWords(plan.training_bytes)} of
            memory {serverWords(machine)}
          </p>
          {plan.rungs.length > 0 && <p>Compared after {plan.rungs.map(roughly).join(' and ')} moves</p>}
          {plan.left_out > 0 && (
            <p>
              {plural(plan.left_out, 'combination')} left out. {plan.reason}
            </p>
          )}
        </>
      )}
    </div>
  )
}

const timeWords = ({ seconds }: SweepPlan): string =>
  seconds === null ? 'time not measured yet' : `about ${duration(seconds)} one after the other`
