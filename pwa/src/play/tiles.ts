/** Which tile of one board is which tile of the next, so that tiles can slide, merge and appear. */

import type { PlayedMove } from '../generated/wire'

export interface Tile {
  /** its identity from one board to the next */
  id: number
  /** index of its cell */
  cell: number
  exponent: number
  /** how it came: it was there before, it is new, or two tiles merged into it; a covered one lies under the tile it merged into */
  how: 'still' | 'new' | 'merged' | 'covered'
}

let lastId = 0

const tileAt = (cell: number, exponent: number, how: Tile['how']): Tile => ({ id: ++lastId, cell, exponent, how })

/** The tiles of a board without a past: all of them new where `how` says so. */
export const tilesOf = (board: readonly number[], how: 'still' | 'new' = 'still'): Tile[] =>
  board.flatMap((exponent, cell) => (exponent > 0 ? [tileAt(cell, exponent, how)] : []))

/** The tiles after a move; those of a board without a past where the move does not follow from the tiles before. */
export function moveTiles(before: readonly Tile[], move: PlayedMove): Tile[] {
  const { board } = move.state
  const onBoard = before.filter(({ how }) => how !== 'covered')
  const motions = new Map(move.motions.map((motion) => [motion.source, motion]))
  if (onBoard.length !== motions.size) return tilesOf(board)
  const after: Tile[] = []
  const merged = new Set<number>()
  for (const tile of onBoard) {
    const motion = motions.get(tile.cell)
    if (!motion) return tilesOf(board)
    after.push({ ...tile, cell: motion.target, how: motion.merges ? 'covered' : 'still' })
    if (motion.merges) merged.add(motion.target)
  }
  for (const cell of merged) after.push(tileAt(cell, board[cell] ?? 0, 'merged'))
  after.push(tileAt(move.new_cell, move.new_exponent, 'new'))
  return agrees(after, board) ? after : tilesOf(board)
}

/** Whether the visible tiles are exactly those of a board. */
function agrees(tiles: readonly Tile[], board: readonly number[]): boolean {
  const shown = Array<number>(board.length).fill(0)
  for (const { cell, exponent, how } of tiles) if (how !== 'covered') shown[cell] = exponent
  return shown.every((exponent, cell) => exponent === board[cell])
}
