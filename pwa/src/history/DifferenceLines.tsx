/** What differs between two designs, as lines of text under a heading. */

import type { ReactNode } from 'react'
import type { DifferenceLine } from './difference_marks'
import './difference-lines.css'

const SHOWN = 8

interface Props {
  title: string
  /** what the heading shows, where that is more than the title */
  heading?: ReactNode
  /** the text where nothing differs */
  none: string
  lines: readonly DifferenceLine[]
}

export function DifferenceLines({ title, heading, none, lines }: Props) {
  const more = lines.length - SHOWN
  if (lines.length === 0) return <p className="quiet">{none}</p>
  return (
    <section aria-label={title}>
      <h3 className="version-heading">{heading ?? title}</h3>
      <ul className="version-lines">
        {lines.slice(0, SHOWN).map(({ kind, text }) => (
          <li key={`${kind} ${text}`} data-mark={kind}>
            {text}
          </li>
        ))}
      </ul>
      {more > 0 && <p className="quiet">and {more} more</p>}
    </section>
  )
}
