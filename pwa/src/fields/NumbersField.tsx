/** A list of numbers: each is stepped or typed, and added or removed with one tap. */

import type { Property } from '../document/catalogue'
import { itemForm, itemsOf, nextItem } from '../document/property_values'
import { Icon } from '../ui/Icon'
import { FieldProblem } from './FieldProblem'
import { NumberField } from './NumberField'

interface Props {
  form: Property
  value: unknown
  problem: string | undefined
  width?: number
  onValue: (value: unknown) => void
  onSettled: () => void
}

export function NumbersField({ form, value, problem, width = 1, onValue, onSettled }: Props) {
  const items = itemsOf(value)
  const change = (next: number[]) => {
    onValue(next)
    onSettled()
  }
  const full = form.max_items !== null && items.length >= form.max_items
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would need its own legend beside the name that is shown already
    <div className="numbers" role="group" aria-label={form.name} aria-describedby={`about-${form.name}`}>
      {items.length === 0 && <p className="quiet">None yet.</p>}
      <ol>
        {items.map((item, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a number of the list is identified by its index
          <li key={index}>
            <span className="numbers-place" aria-hidden="true">
              {index + 1}
            </span>
            <NumberField
              form={itemForm(form, index)}
              value={item}
              problem={undefined}
              about={`about-${form.name}`}
              onValue={(entered) => entered !== undefined && onValue(items.map((old, at) => (at === index ? entered : old)))}
              onSettled={onSettled}
            />
            <button
              type="button"
              className="button"
              data-look="bare"
              data-square
              aria-label={`Remove ${form.name} ${index + 1}`}
              onClick={() => change(items.filter((_, at) => at !== index))}
            >
              <Icon name="close" />
            </button>
          </li>
        ))}
      </ol>
      <button
        type="button"
        className="button"
        aria-label={`Add to ${form.name}`}
        disabled={full}
        onClick={() => change([...items, nextItem(form, items, width)])}
      >
        <Icon name="add" /> {full ? `${form.max_items} at most` : 'Add one'}
      </button>
      <FieldProblem problem={problem} />
    </div>
  )
}
