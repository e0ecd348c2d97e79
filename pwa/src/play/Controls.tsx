/** The row of buttons at the bottom, within reach of the thumb. */

import type { ReactNode } from 'react'
import { Icon, type IconName } from '../ui/Icon'
import { ACTIONS, ON_SCREEN } from './actions'

export function ControlBar({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="play-controls" role="toolbar" aria-label={name}>
      {children}
    </div>
  )
}

interface ControlProps {
  icon: IconName
  label: string
  onClick: () => void
  disabled?: boolean
  primary?: boolean
  pressed?: boolean
  /** a word beside the icon */
  word?: string
}

export function Control({ icon, label, onClick, disabled = false, primary = false, pressed, word }: ControlProps) {
  return (
    <button
      type="button"
      className="control"
      data-look={primary ? 'primary' : undefined}
      aria-label={label}
      aria-pressed={pressed}
      disabled={disabled}
      onClick={onClick}
    >
      <Icon name={icon} />
      {word}
    </button>
  )
}

/** The four moves as buttons, for those who do not swipe. */
export function MoveButtons({ legal, onPress }: { legal: readonly boolean[]; onPress: (action: number) => void }) {
  return ON_SCREEN.map((action) => {
    const { name, icon } = ACTIONS[action] as (typeof ACTIONS)[number]
    return <Control key={action} icon={icon} label={name} disabled={!legal[action]} onClick={() => onPress(action)} />
  })
}
