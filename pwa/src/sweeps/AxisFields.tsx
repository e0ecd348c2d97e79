/** One property or setting of a sweep: which one, and its values as a list, as ticks, or as a range. */

import { Icon } from '../ui/Icon'
import { type AxisDraft, draftFor, ticked, ticksOf, type Variable, valuesOf, wordsOf } from './axes'

interface Props {
  number: number
  row: AxisDraft
  variables: readonly Variable[]
  /** whether combinations are drawn at random, so that a range has no number of values */
  random: boolean
  onChange: (row: AxisDraft) => void
  onRemove: (() => void) | undefined
}

export function AxisFields({ number, row, variables, random, onChange, onRemove }: Props) {
  const chosen = variables.find(({ key }) => key === row.variable)
  const ticks = chosen && ticksOf(chosen)
  const choose = (key: string) => {
    const found = variables.find((variable) => variable.key === key)
    if (found) onChange(draftFor(found))
  }
  const groups = [...new Set(variables.map(({ group }) => group))]
  return (
    <fieldset className="sweep-axis">
      <legend>Property {number}</legend>
      <div className="sweep-choice">
        <select
          className="control"
          aria-label={`Property ${number}`}
          value={row.variable}
          onChange={(event) => choose(event.target.value)}
        >
          {groups.map((group) => (
            <optgroup key={group} label={group}>
              {variables
                .filter((variable) => variable.group === group)
                .map(({ key, label }) => (
                  <option key={key} value={key}>
                    {label}
                  </option>
                ))}
            </optgroup>
          ))}
        </select>
        {onRemove && (
          <button
            type="button"
            className="button"
            data-look="bare"
            data-square
            aria-label={`Remove property ${number}`}
            onClick={onRemove}
          >
            <Icon name="close" />
          </button>
        )}
      </div>
      {chosen && ticks && <Ticks variable={chosen} row={row} onChange={onChange} />}
      {chosen && !ticks && <Numbers number={number} row={row} random={random} onChange={onChange} />}
    </fieldset>
  )
}

interface TicksProps {
  variable: Variable
  row: AxisDraft
  onChange: (row: AxisDraft) => void
}

function Ticks({ variable, row, onChange }: TicksProps) {
  const chosen = valuesOf(row.list)
  return (
    <div className="sweep-ticks">
      {(ticksOf(variable) ?? []).map((value) => (
        <label key={String(value)}>
          <input
            type="checkbox"
            checked={chosen.includes(value)}
            onChange={(event) => onChange({ ...row, list: ticked(variable, row.list, value, event.target.checked) })}
          />
          {wordsOf(value)}
        </label>
      ))}
    </div>
  )
}

interface NumbersProps {
  number: number
  row: AxisDraft
  random: boolean
  onChange: (row: AxisDraft) => void
}

function Numbers({ number, row, random, onChange }: NumbersProps) {
  const text = (label: string, name: 'list' | 'low' | 'high' | 'count') => (
    <label className="sweep-field">
      <span>{label}</span>
      <input
        className="control"
        aria-label={`${label} of property ${number}`}
        value={row[name]}
        onChange={(event) => onChange({ ...row, [name]: event.target.value })}
      />
    </label>
  )
  const isRange = row.mode === 'range'
  return (
    <>
      {isRange ? (
        <div className="sweep-numbers">
          {text('From', 'low')}
          {text('To', 'high')}
          {!random && text('Number of values', 'count')}
        </div>
      ) : (
        text('Values, with commas between them', 'list')
      )}
      <div className="sweep-modes">
        <label>
          <input
            type="checkbox"
            aria-label={`Range for property ${number}`}
            checked={isRange}
            onChange={(event) => onChange({ ...row, mode: event.target.checked ? 'range' : 'list' })}
          />
          A range
        </label>
        {isRange && (
          <label>
            <input
              type="checkbox"
              aria-label={`Equal factors for property ${number}`}
              checked={row.scale === 'log'}
              onChange={(event) => onChange({ ...row, scale: event.target.checked ? 'log' : 'linear' })}
            />
            Equal factors
          </label>
        )}
      </div>
    </>
  )
}
