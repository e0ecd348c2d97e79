/** Patterns of cells: one is chosen among small boards, and its cells are tapped on a large one; common sets are one tap. */

import { useState } from 'react'
import type { Property } from '../document/catalogue'
import { PATTERN_SETS } from '../document/pattern_sets'
import { patternsOf, toggled } from '../document/patterns'
import { sameValue } from '../document/values'
import { Icon } from '../ui/Icon'
import { plural } from '../ui/numbers'
import { FieldProblem } from './FieldProblem'
import './patterns.css'

interface Props {
  form: Property
  value: unknown
  problem: string | undefined
  onValue: (value: unknown) => void
  onSettled: () => void
}

const CELLS = Array.from({ length: 16 }, (_, cell) => cell)
const NEW_PATTERN = [0, 1, 2, 3]

export function PatternsField({ form, value, problem, onValue, onSettled }: Props) {
  const patterns = patternsOf(value)
  const [wanted, setWanted] = useState(0)
  const chosen = Math.min(wanted, patterns.length - 1)
  const change = (next: number[][]) => {
    onValue(next)
    onSettled()
  }
  const full = form.max_items !== null && patterns.length >= form.max_items
  const add = () => {
    setWanted(patterns.length)
    change([...patterns, NEW_PATTERN])
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would need its own legend beside the name that is shown already
    <div className="patterns" role="group" aria-label={form.name} aria-describedby={`about-${form.name}`}>
      {/* biome-ignore lint/a11y/useSemanticElements: as above */}
      <div className="pattern-sets" role="group" aria-label="Sets of patterns">
        {PATTERN_SETS.map((set) => (
          <button
            key={set.name}
            type="button"
            className="button"
            aria-pressed={sameValue(set.patterns, patterns)}
            onClick={() => change(set.patterns)}
          >
            {set.name}
          </button>
        ))}
      </div>
      <ol>
        {patterns.map((pattern, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a pattern of the list is identified by its index
          <li key={index}>
            <button
              type="button"
              className="pattern"
              aria-label={`Pattern ${index + 1}, ${plural(pattern.length, 'cell')}`}
              aria-pressed={index === chosen}
              onClick={() => setWanted(index)}
            >
              {CELLS.map((cell) => (
                <span key={cell} data-on={pattern.includes(cell) || undefined} />
              ))}
            </button>
          </li>
        ))}
        <li>
          <button type="button" className="button" data-square aria-label="Add a pattern" disabled={full} onClick={add}>
            <Icon name="add" />
          </button>
        </li>
      </ol>
      {patterns[chosen] && (
        <ChosenPattern
          form={form}
          pattern={patterns[chosen]}
          number={chosen + 1}
          onChange={(pattern) => change(patterns.map((old, at) => (at === chosen ? pattern : old)))}
          onRemove={patterns.length > (form.min_items ?? 0) ? () => change(patterns.filter((_, at) => at !== chosen)) : undefined}
        />
      )}
      <FieldProblem problem={problem} />
    </div>
  )
}

interface ChosenProps {
  form: Property
  pattern: readonly number[]
  /** its place in the list, from 1 on */
  number: number
  onChange: (pattern: number[]) => void
  onRemove: (() => void) | undefined
}

function ChosenPattern({ form, pattern, number, onChange, onRemove }: ChosenProps) {
  const full = form.max_cells !== null && pattern.length >= form.max_cells
  return (
    <div className="chosen-pattern">
      {/* biome-ignore lint/a11y/useSemanticElements: as above */}
      <div className="pattern-board" role="group" aria-label={`Cells of pattern ${number}`}>
        {CELLS.map((cell) => (
          <button
            key={cell}
            type="button"
            aria-label={`Row ${Math.floor(cell / 4) + 1}, column ${(cell % 4) + 1}`}
            aria-pressed={pattern.includes(cell)}
            disabled={full && !pattern.includes(cell)}
            onClick={() => onChange(toggled(pattern, cell))}
          />
        ))}
      </div>
      <div className="chosen-words">
        <p>
          Pattern {number}
          <small>{full ? `${form.max_cells} cells at most` : plural(pattern.length, 'cell')}</small>
        </p>
        <button type="button" className="button" aria-label={`Remove pattern ${number}`} disabled={!onRemove} onClick={onRemove}>
          <Icon name="bin" /> Remove
        </button>
      </div>
    </div>
  )
}
