/** A small still board: sixteen cells in the colours of the game. */

import { faceOf, tileColours } from '../ui/tiles'
import './board.css'

const places = Array.from({ length: 16 }, (_, place) => place)

interface Props {
  /** exponents in row-major order, 0 for an empty cell */
  cells: readonly number[]
  /** its accessible name */
  label?: string
  /** whether it fills the width it is given */
  large?: boolean
}

export function BoardView({ cells, label = 'Board being played', large = false }: Props) {
  return (
    <ol className="board" aria-label={label} data-large={large || undefined}>
      {places.map((place) => (
        <Cell key={place} exponent={cells[place] ?? 0} />
      ))}
    </ol>
  )
}

function Cell({ exponent }: { exponent: number }) {
  if (exponent <= 0) return <li />
  const face = faceOf(exponent)
  return (
    <li data-tile data-digits={String(face).length} style={tileColours(exponent)}>
      {face}
    </li>
  )
}
