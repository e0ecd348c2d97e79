/** A line of the settings that opens something. */

import { Icon, type IconName } from '../ui/Icon'

interface Props {
  icon: IconName
  title: string
  note?: string
  /** what stands at the end of the line */
  value?: string
  onOpen: () => void
}

export function Row({ icon, title, note, value, onOpen }: Props) {
  return (
    <button type="button" className="settings-row" onClick={onOpen}>
      <Icon name={icon} />
      <span className="settings-words">
        {title}
        {note && <small>{note}</small>}
      </span>
      {value && <span className="settings-value">{value}</span>}
      <Icon name="greater" />
    </button>
  )
}
