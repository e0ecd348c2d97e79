/** Every metric of the newest update, with what it means. */

import type { TrainingUpdate } from '../generated/wire'
import { labelOf, METRICS, numberOf, textOf } from './metrics'

export function MetricList({ update }: { update: TrainingUpdate }) {
  return (
    <details className="panel figures">
      <summary>All metrics</summary>
      <dl>
        {METRICS.map((metric) => {
          const value = numberOf(metric, update)
          return (
            value !== null && (
              <div key={metric.path.join('.')}>
                <dt>
                  {labelOf(metric)}
                  <small>{metric.meaning}</small>
                </dt>
                <dd>{textOf(metric, value)}</dd>
              </div>
            )
          )
        })}
      </dl>
    </details>
  )
}
