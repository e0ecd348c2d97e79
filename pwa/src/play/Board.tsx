/** The board of 2048: tiles that slide, merge and appear, and above them whatever is shown of the network. */

import { type CSSProperties, memo, type ReactNode, type RefObject, useLayoutEffect, useRef, useState } from 'react'
import type { PlayedMove } from '../generated/wire'
import { faceOf, tileColours } from '../ui/tiles'
import './board.css'
import { moveTiles, type Tile, tilesOf } from './tiles'

const SIDE = 4
const cells = Array.from({ length: SIDE * SIDE }, (_, cell) => cell)

interface Props {
  /** exponents in row-major order; another array is another board */
  board: readonly number[]
  /** the move that led to this board, with the motions of its tiles */
  move?: PlayedMove | null
  /** how long tiles slide, in ms; without it they do not move */
  slideMs?: number | undefined
  /** what board it is, for its accessible name */
  name: string
  /** layers above the tiles, with one child for each cell */
  children?: ReactNode
}

export function Board({ board, move = null, slideMs, name, children }: Props) {
  const tiles = useTiles(board, move, slideMs !== undefined)
  const frame = useRef<HTMLDivElement>(null)
  useUnit(frame)
  return (
    <div
      ref={frame}
      className="game-board"
      data-still={slideMs === undefined || undefined}
      style={{ '--slide-ms': `${slideMs ?? 0}ms` } as CSSProperties}
    >
      <div className="game-layer" aria-hidden="true">
        {cells.map((cell) => (
          <i key={cell} />
        ))}
      </div>
      <div className="game-tiles" role="img" aria-label={`${name}. ${boardWords(board)}`}>
        {tiles.map((tile) => (
          <TileView key={tile.id} tile={tile} />
        ))}
      </div>
      {children}
    </div>
  )
}

/** Keeps `--u` at a hundredth of the width; units of container queries would make every change of a tile more expensive. */
function useUnit(frame: RefObject<HTMLDivElement | null>): void {
  useLayoutEffect(() => {
    const element = frame.current
    if (!element) return
    const measure = () => element.style.setProperty('--u', `${element.clientWidth / 100}px`)
    measure()
    window.addEventListener('resize', measure)
    return () => window.removeEventListener('resize', measure)
  }, [frame])
}

/** Where the tile of each cell is, in its own width and the gap. */
const TRANSFORMS = cells.map((cell) => {
  const by = (steps: number): string => `calc(${steps} * (100% + var(--gap)))`
  return `translate(${by(cell % SIDE)}, ${by(Math.floor(cell / SIDE))})`
})

/** The tiles to draw. Without animation every cell keeps its element, so that only numbers and colours change. */
function useTiles(board: readonly number[], move: PlayedMove | null, moving: boolean): readonly Tile[] {
  const [shown, setShown] = useState(() => ({ board, moving, tiles: stillTiles(board) }))
  if (shown.board === board && shown.moving === moving) return shown.tiles
  const next = { board, moving, tiles: moving ? tilesAfter(shown, board, move) : stillTiles(board) }
  setShown(next)
  return next.tiles
}

function tilesAfter(
  shown: { board: readonly number[]; tiles: Tile[] },
  board: readonly number[],
  move: PlayedMove | null,
): Tile[] {
  if (shown.board === board) return shown.tiles
  if (move) return moveTiles(shown.tiles, move)
  return tilesOf(board, 'new')
}

const stillTiles = (board: readonly number[]): Tile[] =>
  board.flatMap((exponent, cell) => (exponent > 0 ? [{ id: -1 - cell, cell, exponent, how: 'still' as const }] : []))

const TileView = memo(
  function TileView({ tile: { cell, exponent, how } }: { tile: Tile }) {
    const face = faceOf(exponent)
    const { background, color } = tileColours(exponent)
    return (
      <div className="game-tile" data-cell={cell} data-how={how} style={{ transform: TRANSFORMS[cell] }}>
        <b data-digits={String(face).length} style={{ background, color }}>
          {face}
        </b>
      </div>
    )
  },
  ({ tile: a }, { tile: b }) => a.cell === b.cell && a.exponent === b.exponent && a.how === b.how,
)

/** A layer above the tiles with one child for each cell. */
export function CellLayer({ name, cellOf }: { name: string; cellOf: (cell: number) => ReactNode }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be a grid in every browser
    <div className="game-layer" role="group" aria-label={name}>
      {cells.map((cell) => (
        <div key={cell} className="game-cell">
          {cellOf(cell)}
        </div>
      ))}
    </div>
  )
}

/** [1, 0, 0, 2, …] → "Row 1: 2, empty, empty, 4. …" */
export function boardWords(board: readonly number[]): string {
  const face = (exponent: number): string => (exponent > 0 ? String(faceOf(exponent)) : 'empty')
  const rows = Array.from({ length: SIDE }, (_, row) => board.slice(row * SIDE, (row + 1) * SIDE))
  return rows.map((row, index) => `Row ${index + 1}: ${row.map(face).join(', ')}.`).join(' ')
}

/** 6 → "row 2, column 3" */
export const cellWords = (cell: number): string => `row ${Math.floor(cell / SIDE) + 1}, column ${(cell % SIDE) + 1}`
