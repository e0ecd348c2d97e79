import { act, cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react'
import { afterEach, expect, it, vi } from 'vitest'
import * as player from '../player/player'
import { recordToasts } from '../ui/test_toasts'
import { AttentionCells } from './Attention'
import { ExpertCells, ExpertSwitches } from './Experts'
import { playStore } from './play_state'
import type { FakePlayer } from './test_player'

vi.mock('../player/player', async () => (await import('./test_player')).fakePlayer())

const { playerStore, setExperts } = player as unknown as FakePlayer
const toasts = recordToasts()

afterEach(() => {
  cleanup()
  setExperts.mockReset()
})

it('shows the experts of each cell by number and colour', () => {
  const weights = Array(16 * 4).fill(0)
  weights[2] = 0.7
  weights[1] = 0.3
  weights[4 * 15] = 1
  const { rerender } = render(<ExpertCells routing={{ experts: 4, layers: [weights] }} />)
  const shown = screen.getAllByRole('img')
  expect(shown.map((cell) => cell.getAttribute('aria-label'))).toEqual([
    'row 1, column 1: experts 3 and 2',
    'row 4, column 4: expert 1',
  ])
  expect(shown.map((cell) => cell.dataset.expert)).toEqual(['2', '0'])
  weights[4 * 15] = 0
  rerender(<ExpertCells routing={{ experts: 4, layers: [[...weights]] }} />)
  expect(screen.getAllByRole('img').map((cell) => cell.getAttribute('aria-label'))).toEqual(['row 1, column 1: experts 3 and 2'])
})

it('names the expert of the whole board once, and colours every cell', () => {
  const { container } = render(<ExpertCells routing={{ experts: 4, layers: [[0, 0, 0.8, 0]] }} />)
  expect(screen.getByRole('img', { name: 'The board: expert 3' })).toBeTruthy()
  expect([...container.querySelectorAll<HTMLElement>('.cell-expert')].map(({ dataset }) => dataset.expert)).toEqual(
    Array(16).fill('2'),
  )
})

it('says which expert plays the board now', () => {
  playerStore.setState({ enabled: {} })
  const routing = { experts: 2, layers: [[0, 0.8]] }
  const { container } = render(<ExpertSwitches path="c6" experts={2} shares={[0.5, 0.5]} over="here" routing={routing} />)
  expect(container.textContent).toContain('Now plays expert 2. Boards per expert, here.')
})

it('switches experts off and on', async () => {
  playerStore.setState({ enabled: { c6: [true, false, true] } })
  render(<ExpertSwitches path="c6" experts={3} shares={[0.25, 0, 0.75]} over="here" />)
  const switches = () => screen.getAllByRole('switch')
  expect(switches().map((each) => [each.getAttribute('aria-checked'), each.textContent])).toEqual([
    ['true', '125 %'],
    ['false', '2off'],
    ['true', '375 %'],
  ])
  fireEvent.click(switches()[1] as HTMLElement)
  await waitFor(() => expect(setExperts).toHaveBeenLastCalledWith('c6', [true, true, true]))
  fireEvent.click(switches()[2] as HTMLElement)
  await waitFor(() => expect(setExperts).toHaveBeenLastCalledWith('c6', [true, false, false]))
})

it('makes both of two switches that are tapped at once', async () => {
  setExperts.mockImplementation((async (path: string, enabled: boolean[]) => {
    await new Promise((resolve) => setTimeout(resolve))
    playerStore.setState({ enabled: { [path]: enabled } })
  }) as () => Promise<void>)
  playerStore.setState({ enabled: { c6: [true, true, true] } })
  render(<ExpertSwitches path="c6" experts={3} shares={undefined} over="here" />)
  fireEvent.click(screen.getByRole('switch', { name: 'Expert 1' }))
  fireEvent.click(screen.getByRole('switch', { name: 'Expert 2' }))
  await waitFor(() => expect(playerStore.getState().enabled).toEqual({ c6: [false, false, true] }))
  expect(setExperts).toHaveBeenCalledTimes(2)
})

it('says why the last expert cannot be switched off', async () => {
  const why = 'At least one expert has to stay on: without any, the layer has no output.'
  setExperts.mockRejectedValueOnce(new Error(why))
  playerStore.setState({ enabled: { c6: [false, true] } })
  render(<ExpertSwitches path="c6" experts={2} shares={undefined} over="here" />)
  fireEvent.click(screen.getByRole('switch', { name: 'Expert 2' }))
  await waitFor(() => expect(toasts().map(({ text, tone }) => [text, tone])).toEqual([[why, 'bad']]))
})

it('shows where the tapped cell looks, by head or by the mean', () => {
  const weights = new Float32Array(2 * 16 * 16)
  weights[(0 * 16 + 5) * 16 + 1] = 1
  weights[(1 * 16 + 5) * 16 + 2] = 0.5
  playStore.setState({ cell: 0, head: null })
  render(<AttentionCells attention={{ heads: 2, weights }} />)
  const cells = () => screen.getAllByRole('button')
  fireEvent.click(cells()[5] as HTMLElement)
  expect(cells()[5]?.getAttribute('aria-pressed')).toBe('true')
  const words = () => [1, 2, 3].map((cell) => cells()[cell]?.textContent?.trim())
  expect(words()).toEqual(['50 %', '25 %', ''])
  act(() => playStore.setState({ head: 1 }))
  expect(words()).toEqual(['', '50 %', ''])
})
