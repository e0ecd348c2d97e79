/** The field in which a list is searched. */

import { Icon } from './Icon'
import './search-field.css'

interface Props {
  /** what is searched, for screen readers; the placeholder unless there is another one */
  label: string
  placeholder?: string
  value: string
  onType: (typed: string) => void
  /** whether it stays at the top of the list while that scrolls */
  sticky?: boolean
}

export function SearchField({ label, placeholder = label, value, onType, sticky }: Props) {
  return (
    <label className="search-field" data-sticky={sticky || undefined}>
      <Icon name="search" />
      <input
        type="search"
        aria-label={label}
        placeholder={placeholder}
        autoComplete="off"
        enterKeyHint="search"
        value={value}
        onChange={(event) => onType(event.target.value)}
      />
    </label>
  )
}
