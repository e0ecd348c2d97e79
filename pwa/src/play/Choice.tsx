/** A choice among few things, as a row of buttons of which one is pressed; arrow keys are left to the game. */

interface Props<Key extends string> {
  name: string
  options: readonly { key: Key; label: string }[]
  chosen: Key | null
  onChoose: (key: Key) => void
}

export function Choice<Key extends string>({ name, options, chosen, onChoose }: Props<Key>) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be a grid in every browser
    <div className="choice-row" role="group" aria-label={name}>
      {options.map(({ key, label }) => (
        <button key={key} type="button" aria-pressed={key === chosen} onClick={() => onChoose(key)}>
          {label}
        </button>
      ))}
    </div>
  )
}

interface PickerProps {
  name: string
  options: readonly { value: string; label: string }[]
  value: string
  onChoose: (value: string) => void
}

/** The phone's own picker for a longer choice; nothing where there is nothing to choose. */
export function Picker({ name, options, value, onChoose }: PickerProps) {
  if (options.length < 2) return null
  return (
    <select className="picker" aria-label={name} value={value} onChange={(event) => onChoose(event.target.value)}>
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.label}
        </option>
      ))}
    </select>
  )
}
