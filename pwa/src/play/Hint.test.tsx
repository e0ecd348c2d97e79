import { act, cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { openLayer } from '../navigation/layers'
import * as player from '../player/player'
import { Hint, hintGame } from './Hint'
import { playStore } from './play_state'
import { type FakePlayer, network, stateOf, thoughtOf } from './test_player'

vi.mock('../player/player', async () => (await import('./test_player')).fakePlayer())
vi.mock('../ui/LineChart', () => ({ LineChart: () => null }))

const { playerStore, think, playMove, boardsAfter } = player as unknown as FakePlayer

beforeEach(async () => {
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => {}, removeEventListener: () => {} }))
  playStore.setState({ mode: 'hint', hints: true, inside: null })
  playerStore.setState({ status: 'ready', network: network(), enabled: {} })
  await hintGame.start(7)
  render(<Hint />)
  await screen.findByRole('img', { name: 'Up 40 %' })
})
afterEach(() => {
  cleanup()
  vi.clearAllMocks()
  vi.unstubAllGlobals()
})

const actions = () => hintGame.store.getState().actions
const settle = () => act(() => hintGame.settled())

it('plays by arrow keys, by buttons and by a swipe', async () => {
  fireEvent.keyDown(window, { key: 'ArrowLeft' })
  fireEvent.click(screen.getByRole('button', { name: 'Up' }))
  await settle()
  const board = document.querySelector('.board-place') as HTMLElement
  const at = (clientX: number, clientY: number) => ({ pointerId: 1, isPrimary: true, clientX, clientY })
  fireEvent.pointerDown(board, at(100, 100))
  fireEvent.pointerMove(board, at(108, 100))
  fireEvent.pointerMove(board, at(160, 104))
  fireEvent.pointerMove(board, at(300, 104))
  fireEvent.pointerUp(board, at(300, 104))
  await settle()
  expect(actions()).toBe('lur')
})

it('leaves arrow keys to sheets and to fields', async () => {
  const close = openLayer(() => {})
  fireEvent.keyDown(window, { key: 'ArrowLeft' })
  close()
  const field = document.body.appendChild(document.createElement('input'))
  fireEvent.keyDown(field, { key: 'ArrowLeft' })
  field.remove()
  await settle()
  expect(playMove).not.toHaveBeenCalled()
})

it('shows what the network would do, until hints are turned off', async () => {
  expect(screen.getByRole('region', { name: 'Move probabilities' }).textContent).toContain('120')
  const asked = think.mock.calls.length
  fireEvent.click(screen.getByRole('button', { name: 'Hints' }))
  expect(screen.queryByRole('region', { name: 'Move probabilities' })).toBeNull()
  fireEvent.keyDown(window, { key: 'ArrowLeft' })
  await settle()
  expect(actions()).toBe('l')
  expect(think.mock.calls.length).toBe(asked)
})

it('asks again when an expert is switched off', async () => {
  think.mockResolvedValueOnce(thoughtOf({ probabilities: [0.9, 0.1, 0, 0] }))
  act(() => playerStore.setState({ enabled: { c6: [false, true] } }))
  await screen.findByRole('img', { name: 'Up 90 %' })
})

it('shows the board after a move that a network sees, and which one that is', async () => {
  const routing = { c6: { experts: 2, layers: [Array(32).fill(0.5)] } }
  const after = [0, 1, 2, 3].map((action) => stateOf(7).board.map((exponent) => (exponent === 2 ? action + 3 : exponent)))
  boardsAfter.mockResolvedValue(after)
  think.mockImplementation(async (_, move) => thoughtOf({ routing, ofMove: move ?? 0 }))
  act(() => {
    playStore.setState({ inside: 'experts' })
    playerStore.setState({ network: network({ id: 'td', valuesAfterstates: true, routers: [{ path: 'c6', experts: 2 }] }) })
  })
  await screen.findByRole('img', { name: /^The board after Up, as the network sees it.* 8,/ })
  expect(screen.getByText(/never the one being played/).textContent).toContain('after Up')
  fireEvent.click(screen.getByRole('button', { name: /^Left 10 %: show the board after it/ }))
  await screen.findByRole('img', { name: /^The board after Left.* 64,/ })
  await waitFor(() => expect(screen.getByText(/never the one being played/).textContent).toContain('after Left'))
  expect(actions()).toBe('')
})
