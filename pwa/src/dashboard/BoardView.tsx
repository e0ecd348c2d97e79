/** One board as it is being played: sixteen cells, the darker the larger the tile. */

import type { CSSProperties } from 'react'
import './board.css'

const LARGEST = 13
const DARK_ABOVE = 0.62

/** The face of a tile: 2 to the power of its exponent, nothing for an empty cell. */
const faceOf = (exponent: number): number => (exponent <= 0 ? 0 : 2 ** exponent)

const places = Array.from({ length: 16 }, (_, place) => place)

export function BoardView({ cells }: { cells: readonly number[] }) {
  return (
    <ol className="board" aria-label="Board being played">
      {places.map((place) => (
        <Cell key={place} exponent={cells[place] ?? 0} />
      ))}
    </ol>
  )
}

function Cell({ exponent }: { exponent: number }) {
  if (exponent <= 0) return <li />
  const share = Math.min(1, exponent / LARGEST)
  return (
    <li data-tile data-dark={share > DARK_ABOVE || undefined} style={{ '--share': share } as CSSProperties}>
      {faceOf(exponent)}
    </li>
  )
}
