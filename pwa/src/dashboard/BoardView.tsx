/** A small still board: sixteen cells in the colours of the game. */

import { faceOf, tileColours } from '../ui/tiles'
import './board.css'

const places = Array.from({ length: 16 }, (_, place) => place)

interface Props {
  /** exponents in row-major order, 0 for an empty cell */
  cells: readonly number[]
  /** its accessible name */
  label?: string
}

export function BoardView({ cells, label = 'Board being played' }: Props) {
  return (
    <ol className="board" aria-label={label}>
      {places.map((place) => (
        <Cell key={place} exponent={cells[place] ?? 0} />
      ))}
    </ol>
  )
}

function Cell({ exponent }: { exponent: number }) {
  if (exponent <= 0) return <li />
  return (
    <li data-tile style={tileColours(exponent)}>
      {faceOf(exponent)}
    </li>
  )
}
