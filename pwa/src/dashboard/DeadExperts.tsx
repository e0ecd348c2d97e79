/** A warning where experts of a mixture get next to nothing to do. */

import type { MixtureUsage } from '../generated/wire'
import './dead.css'

interface Props {
  dead: MixtureUsage['dead_experts']
  titleOf: (id: string) => string
}

export function DeadExperts({ dead, titleOf }: Props) {
  const components = Object.entries(dead)
  if (components.length === 0) return null
  return (
    <div className="dead-experts" role="note" aria-label="Unused experts">
      {components.map(([id, experts]) => (
        <p key={id}>
          <b>{expertsNamed(experts)}</b> of {titleOf(id)} {experts.length === 1 ? 'gets' : 'get'} hardly any tokens. A larger
          load-balance weight keeps all experts in use.
        </p>
      ))}
    </div>
  )
}

/** [2] → "Expert 3", [0, 2, 3] → "Experts 1, 3 and 4"; people count from one. */
export function expertsNamed(experts: readonly number[] = []): string {
  const numbers = experts.map((expert) => expert + 1)
  if (numbers.length === 1) return `Expert ${numbers[0]}`
  return `Experts ${numbers.slice(0, -1).join(', ')} and ${numbers.at(-1)}`
}
