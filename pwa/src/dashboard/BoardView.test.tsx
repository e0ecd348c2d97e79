import { cleanup, render, screen } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import { BoardView } from './BoardView'

afterEach(cleanup)

const tiles = () => screen.getAllByRole('listitem').map((cell) => [cell.textContent, cell.hasAttribute('data-tile')])

it('shows a cell that was left as an empty one again', () => {
  const { rerender } = render(<BoardView cells={[1, 11]} />)
  expect(tiles().slice(0, 3)).toEqual([
    ['2', true],
    ['2048', true],
    ['', false],
  ])
  rerender(<BoardView cells={[0, 11]} />)
  expect(tiles().slice(0, 2)).toEqual([
    ['', false],
    ['2048', true],
  ])
  expect(screen.getAllByRole('listitem')).toHaveLength(16)
})
