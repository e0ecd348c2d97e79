/** The board of 2048: tiles that slide, merge and appear, and above them whatever is shown of the network. */

import { type CSSProperties, memo, type ReactNode, type RefObject, useLayoutEffect, useRef, useState } from 'react'
import type { PlayedMove } from '../generated/wire'
import { faceOf, LARGEST_COLOURED } from '../ui/tiles'
import './board.css'
import { moveTiles, type Tile, tilesOf } from './tiles'
import { NO_TEXT, useWrites, writeText } from './useWrites'

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
  return (
    <BoardFrame slideMs={slideMs}>
      {slideMs === undefined ? <StillTiles board={board} name={name} /> : <MovingTiles board={board} move={move} name={name} />}
      {children}
    </BoardFrame>
  )
}

/** The empty cells, and above them the children. */
function BoardFrame({ slideMs, children }: { slideMs?: number | undefined; children: ReactNode }) {
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
        {EMPTY_CELLS}
      </div>
      {children}
    </div>
  )
}

const EMPTY_CELLS = cells.map((cell) => <i key={cell} />)

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

/** Tiles that keep their identity from board to board, so that they slide, merge and appear. */
function MovingTiles({ board, move, name }: { board: readonly number[]; move: PlayedMove | null; name: string }) {
  const tiles = useTiles(board, move)
  return (
    <div className="game-tiles" role="img" aria-label={boardName(name, board)}>
      {tiles.map((tile) => (
        <TileView key={tile.id} tile={tile} />
      ))}
    </div>
  )
}

function useTiles(board: readonly number[], move: PlayedMove | null): readonly Tile[] {
  const [shown, setShown] = useState(() => ({ board, tiles: tilesOf(board) }))
  if (shown.board === board) return shown.tiles
  const next = { board, tiles: move ? moveTiles(shown.tiles, move) : tilesOf(board, 'new') }
  setShown(next)
  return next.tiles
}

/** Which colours a tile has: all from 4096 on look the same; 0 is an empty cell. */
const lookOf = (exponent: number): string => String(Math.min(exponent, LARGEST_COLOURED))

const TileView = memo(
  function TileView({ tile: { cell, exponent, how } }: { tile: Tile }) {
    return (
      <div className="game-tile" data-cell={cell} data-how={how} style={{ transform: TRANSFORMS[cell] }}>
        <b data-look={lookOf(exponent)} data-digits={digitsOf(exponent)}>
          {faceOf(exponent)}
        </b>
      </div>
    )
  },
  ({ tile: a }, { tile: b }) => a.cell === b.cell && a.exponent === b.exponent && a.how === b.how,
)

/** One element for each cell, whose number and colour are written directly: nothing moves, and nothing else is drawn anew. */
function StillTiles({ board, name }: { board: readonly number[]; name: string }) {
  const tiles = useWrites(board, writeTile)
  return (
    <div ref={tiles} className="game-tiles" role="img" aria-label={boardName(name, board)}>
      {STILL_TILES}
    </div>
  )
}

const STILL_TILES = cells.map((cell) => (
  <div key={cell} className="game-tile" data-cell={cell} data-how="still" style={{ transform: TRANSFORMS[cell] }}>
    <b>{NO_TEXT}</b>
  </div>
))

function writeTile(tile: HTMLElement, exponent: number): void {
  const face = tile.firstElementChild as HTMLElement
  face.dataset.look = lookOf(exponent)
  face.dataset.digits = digitsOf(exponent)
  if (exponent > 0) writeText(face, String(faceOf(exponent)))
}

const digitsOf = (exponent: number): string => String(String(faceOf(exponent)).length)

const boardName = (name: string, board: readonly number[]): string => `${name}. ${boardWords(board)}`

interface LayerProps {
  name: string
  /** whether the name says all that the layer shows */
  isWhole?: boolean
  children: ReactNode
  ref: RefObject<HTMLDivElement | null>
}

/** A layer above the tiles with one child for each cell. */
export function CellLayer({ name, isWhole, children, ref }: LayerProps) {
  return (
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: both roles have a name
    <div ref={ref} className="game-layer" role={isWhole ? 'img' : 'group'} aria-label={name}>
      {children}
    </div>
  )
}

/** The elements of a layer, one for each cell. */
export const cellElements = (content: (cell: number) => ReactNode): ReactNode =>
  cells.map((cell) => (
    <div key={cell} className="game-cell">
      {content(cell)}
    </div>
  ))

/** [1, 0, 0, 2, …] → "Row 1: 2, empty, empty, 4. …" */
export function boardWords(board: readonly number[]): string {
  const face = (exponent: number): string => (exponent > 0 ? String(faceOf(exponent)) : 'empty')
  const rows = Array.from({ length: SIDE }, (_, row) => board.slice(row * SIDE, (row + 1) * SIDE))
  return rows.map((row, index) => `Row ${index + 1}: ${row.map(face).join(', ')}.`).join(' ')
}

/** 6 → "row 2, column 3" */
export const cellWords = (cell: number): string => `row ${Math.floor(cell / SIDE) + 1}, column ${(cell % SIDE) + 1}`
