import { cleanup, render, screen } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import type { PlayedMove } from '../generated/wire'
import { Board, boardWords } from './Board'
import { boardOf, stateOf } from './test_player'

afterEach(cleanup)

const start = boardOf({ 1: 1, 3: 1 })

function merge(): PlayedMove {
  const board = boardOf({ 0: 2, 9: 1 })
  return {
    ...{ action: 3, points: 4, afterstate: boardOf({ 0: 2 }), new_cell: 9, new_exponent: 1, state: { ...stateOf(1), board } },
    motions: [
      { source: 1, target: 0, merges: true },
      { source: 3, target: 0, merges: true },
    ],
  }
}

const tiles = () => [...document.querySelectorAll<HTMLElement>('.game-tile')]
const looks = () => tiles().map((tile) => [tile.textContent, tile.dataset.how, tile.dataset.cell])

it('reads as its rows', () => {
  render(<Board board={start} name="Your board" />)
  const words = 'Your board. Row 1: empty, 2, empty, 2. Row 2: empty, empty, empty, empty.'
  expect(screen.getByRole('img').getAttribute('aria-label')).toContain(words)
  expect(boardWords(boardOf({ 15: 11 }))).toMatch(/Row 4: empty, empty, empty, 2048\.$/)
})

it('moves the same tiles, and lays a new one over those that merge', () => {
  const { rerender } = render(<Board board={start} name="b" slideMs={100} />)
  const before = tiles()
  const move = merge()
  rerender(<Board board={move.state.board} move={move} name="b" slideMs={100} />)
  expect(looks()).toEqual([
    ['2', 'covered', '0'],
    ['2', 'covered', '0'],
    ['4', 'merged', '0'],
    ['2', 'new', '9'],
  ])
  expect(tiles().slice(0, 2)).toEqual(before)
  const next = boardOf({ 0: 2, 9: 1, 10: 1 })
  rerender(<Board board={next} move={null} name="b" slideMs={100} />)
  expect(looks().map(([, how]) => how)).toEqual(['new', 'new', 'new'])
})

it('does not move tiles without a time to slide', () => {
  const { rerender, container } = render(<Board board={start} name="b" />)
  const move = merge()
  rerender(<Board board={move.state.board} move={move} name="b" />)
  const visible = () => tiles().filter((tile) => tile.querySelector('b')?.dataset.look !== '0')
  expect(visible().map(({ textContent, dataset }) => [textContent, dataset.how, dataset.cell])).toEqual([
    ['4', 'still', '0'],
    ['2', 'still', '9'],
  ])
  const before = tiles()
  rerender(<Board board={boardOf({ 0: 2, 10: 11 })} name="b" />)
  expect(visible().map(({ textContent }) => textContent)).toEqual(['4', '2048'])
  expect(tiles()).toEqual(before)
  expect(container.querySelector('.game-board')?.hasAttribute('data-still')).toBe(true)
})
