/** A length of its own for the next run: in minutes where the speed of the server is known, else in moves. */

import { useId, useState } from 'react'
import { FieldProblem } from '../fields/FieldProblem'
import type { RecipeOffer } from '../generated/wire'
import { chooseMoves, MAX_MOVES } from '../runs/run_config'
import { roughly } from '../ui/numbers'
import { lowerFirst } from '../ui/words'
import { minutesOf, movesIn, problemOfLength, timedOf } from './own_length'

interface Props {
  offers: readonly RecipeOffer[]
  chosen: RecipeOffer
}

export function OwnLength({ offers, chosen }: Props) {
  const id = useId()
  const [typed, setTyped] = useState<string>()
  const [refusal, setRefusal] = useState<string>()
  const timed = timedOf(offers)
  const inMinutes = timed.length > 0
  const moves = chosen.config.total_steps ?? 0
  const shown = inMinutes ? minutesOf(moves, chosen.forecast?.seconds, timed) : moves
  const commit = () => {
    setTyped(undefined)
    if (typed === undefined || Number(typed) === shown) return
    const asked = inMinutes ? movesIn(Number(typed) * 60, timed) : Number(typed)
    const problem = problemOfLength(typed, inMinutes) ?? (asked > MAX_MOVES ? 'Too long' : undefined)
    if (problem === undefined) chooseMoves(asked)
    else setRefusal(typed.trim() ? `${typed.trim()} was not stored: ${lowerFirst(problem)}` : problem)
  }
  return (
    <>
      <label className="own-length" htmlFor={id}>
        <span>{inMinutes ? 'Minutes' : 'Moves'}</span>
        <input
          id={id}
          type="number"
          inputMode={inMinutes ? 'decimal' : 'numeric'}
          min={1}
          step={inMinutes ? 'any' : 1}
          value={typed ?? shown}
          aria-invalid={refusal !== undefined}
          onChange={(event) => {
            setTyped(event.target.value)
            setRefusal(undefined)
          }}
          onBlur={commit}
          onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
        />
        <small>{roughly(moves)} moves</small>
      </label>
      <FieldProblem problem={refusal} />
    </>
  )
}
