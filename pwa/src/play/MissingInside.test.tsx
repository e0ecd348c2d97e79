import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, expect, it, vi } from 'vitest'
import { NetworkProblem, networksStore } from '../networks/networks'
import * as player from '../player/player'
import { choosingStore } from './chosen_network'
import { InsideChoice } from './Inside'
import { playStore } from './play_state'
import { runWith } from './test_networks'
import { type FakePlayer, network } from './test_player'

vi.mock('../player/player', async () => (await import('./test_player')).fakePlayer())

const { playerStore } = player as unknown as FakePlayer

afterEach(() => {
  cleanup()
  networksStore.setState(networksStore.getInitialState(), true)
  playStore.setState({ sheet: null })
})

it('says why the file for looking inside could not be fetched, and on a full phone what to do', () => {
  playerStore.setState({ status: 'ready', network: network({ inspected: false }) })
  choosingStore.setState({ list: { runs: [{ ...runWith('r1', [['best', 100]]), inspectable: true }] } })
  networksStore.setState({ trouble: { 'r1-100': 'The server cannot be reached.' } })
  const { rerender } = render(<InsideChoice />)
  expect(screen.getByRole('alert').textContent).toBe('The server cannot be reached.')
  expect(screen.queryByRole('button', { name: 'On this phone' })).toBeNull()
  networksStore.setState({ trouble: { 'r1-100': new NetworkProblem('full').message } })
  rerender(<InsideChoice />)
  expect(screen.getByRole('alert').textContent).toContain('This phone is too full')
  fireEvent.click(screen.getByRole('button', { name: 'On this phone' }))
  expect(playStore.getState().sheet).toBe('phone')
  playerStore.setState({ network: network() })
  rerender(<InsideChoice />)
  expect(screen.queryByRole('alert')).toBeNull()
})
