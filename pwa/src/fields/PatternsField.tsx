/** Patterns of cells: each is a small board whose cells are tapped; common sets of patterns are one tap. */

import type { Property } from '../document/catalogue'
import { PATTERN_SETS, patternsOf, toggled } from '../document/patterns'
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

export function PatternsField({ form, value, problem, onValue, onSettled }: Props) {
  const patterns = patternsOf(value)
  const change = (next: number[][]) => {
    onValue(next)
    onSettled()
  }
  const replace = (index: number, pattern: number[]) => change(patterns.map((old, at) => (at === index ? pattern : old)))
  const full = form.max_items !== null && patterns.length >= form.max_items
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
            {/* biome-ignore lint/a11y/useSemanticElements: as above */}
            <div className="pattern-board" role="group" aria-label={`Pattern ${index + 1}, ${plural(pattern.length, 'cell')}`}>
              {CELLS.map((cell) => (
                <button
                  key={cell}
                  type="button"
                  aria-label={`Row ${Math.floor(cell / 4) + 1}, column ${(cell % 4) + 1}`}
                  aria-pressed={pattern.includes(cell)}
                  disabled={!pattern.includes(cell) && form.max_cells !== null && pattern.length >= form.max_cells}
                  onClick={() => replace(index, toggled(pattern, cell))}
                />
              ))}
            </div>
            <button
              type="button"
              className="button"
              data-look="bare"
              data-square
              aria-label={`Remove pattern ${index + 1}`}
              disabled={patterns.length <= (form.min_items ?? 0)}
              onClick={() => change(patterns.filter((_, at) => at !== index))}
            >
              <Icon name="close" />
            </button>
          </li>
        ))}
      </ol>
      <button
        type="button"
        className="button"
        aria-label="Add a pattern"
        disabled={full}
        onClick={() => change([...patterns, [0, 1, 2, 3]])}
      >
        <Icon name="add" /> {full ? `${form.max_items} at most` : 'Add a pattern'}
      </button>
      <FieldProblem problem={problem} />
    </div>
  )
}
