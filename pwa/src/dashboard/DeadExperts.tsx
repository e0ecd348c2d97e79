/** A warning where experts of a mixture get next to nothing to do. */

import type { MixtureUsage } from '../generated/wire'
import './dead.css'

interface Props {
  dead: MixtureUsage['dead_experts']
  /** components whose experts are chosen for whole boards */
  boards?: readonly string[]
  titleOf: (id: string) => string
}

export function DeadExperts({ dead, boards = [], titleOf }: Props) {
  const components = Object.entries(dead)
  if (components.length === 0) return null
  return (
    <div className="dead-experts" role="note" aria-label="Unused experts">
      {components.map(([id, experts]) => (
        <p key={id}>
          <b>{expertsNamed(experts)}</b> of {titleOf(id)} {doing(experts.length, boards.includes(id))} A larger load-balance
          weight keeps all experts in use.
        </p>
      ))}
    </div>
  )
}

const doing = (count: number, isOfBoards: boolean): string =>
  isOfBoards
    ? `${count === 1 ? 'plays' : 'play'} less than 1 % of the boards of the last test games.`
    : `${count === 1 ? 'gets' : 'get'} hardly any tokens.`

/** [2] → "Expert 3", [0, 2, 3] → "Experts 1, 3 and 4"; people count from one. */
export function expertsNamed(experts: readonly number[] = []): string {
  const numbers = experts.map((expert) => expert + 1)
  if (numbers.length === 1) return `Expert ${numbers[0]}`
  return `Experts ${numbers.slice(0, -1).join(', ')} and ${numbers.at(-1)}`
}
