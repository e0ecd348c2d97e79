/** The field for the name of a design. */

import type { KeyboardEvent, RefObject } from 'react'
import './fields.css'

const MAX_NAME_CHARS = 120

interface Props {
  value: string
  onType: (typed: string) => void
  /** called on Enter and when the field loses the focus */
  onDone?: () => void
  /** a ref for whoever moves the focus into it; its text is then selected */
  field?: RefObject<HTMLInputElement | null>
}

export function NameField({ value, onType, onDone, field }: Props) {
  const keys = onDone && { onBlur: onDone, onKeyDown: (event: KeyboardEvent) => event.key === 'Enter' && onDone() }
  return (
    <label className="name-field">
      <span>Name</span>
      <input
        ref={field}
        type="text"
        maxLength={MAX_NAME_CHARS}
        autoComplete="off"
        enterKeyHint="done"
        value={value}
        onChange={(event) => onType(event.target.value)}
        onFocus={(event) => field && event.target.select()}
        {...keys}
      />
    </label>
  )
}
