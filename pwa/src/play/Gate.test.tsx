import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { NetworkProblem, networksStore } from '../networks/networks'
import { fillPlayPack, playPackStore } from '../offline/play_pack'
import { renewPlayPack } from '../offline/renew_play_pack'
import * as player from '../player/player'
import { problem } from '../player/problems'
import { pythonState, retryPython } from '../python/client'
import { choosingStore } from './chosen_network'
import { Gate, useObstacle } from './Gate'
import { playStore } from './play_state'
import { keptNetwork, runWith } from './test_networks'
import { type FakePlayer, network } from './test_player'

vi.mock('../player/player', async () => (await import('./test_player')).fakePlayer())
vi.mock('../python/client', async () => {
  const { createStore } = await import('zustand/vanilla')
  return { pythonState: createStore(() => ({ status: 'ready' })), retryPython: vi.fn() }
})
vi.mock('../offline/play_pack', async () => {
  const { createStore } = await import('zustand/vanilla')
  return {
    playPackStore: createStore(() => ({ state: 'ready', progress: 1 })),
    fillPlayPack: vi.fn(),
  }
})

vi.mock('../offline/renew_play_pack', () => ({ renewPlayPack: vi.fn(async () => {}) }))

const { playerStore, loadNetwork } = player as unknown as FakePlayer

function Shown() {
  const obstacle = useObstacle()
  return obstacle ? <Gate obstacle={obstacle} /> : <p>the game</p>
}

beforeEach(() => {
  networksStore.setState({ networks: [keptNetwork('r1', 100)], fetching: {}, trouble: {} })
  choosingStore.setState({ designId: 'd1', chosen: 'r1-100', list: null, unreachable: false, ready: true, offer: null })
  playerStore.setState({ status: 'ready', network: network(), problem: null })
})
afterEach(() => {
  cleanup()
  vi.clearAllMocks()
  pythonState.setState({ status: 'ready' }, true)
  playPackStore.setState({ state: 'ready', progress: 1, reason: undefined })
  playStore.setState({ sheet: null })
})

const title = () => screen.getByRole('heading').textContent
const without = (change: Partial<ReturnType<typeof choosingStore.getState>>) =>
  choosingStore.setState({ chosen: null, ...change })

it('shows the game when everything is there', () => {
  render(<Shown />)
  expect(screen.getByText('the game')).toBeTruthy()
})

it('leads to training where there is no network, and says when the server cannot tell', () => {
  without({ list: { runs: [] } })
  const { rerender } = render(<Shown />)
  expect(title()).toBe('Nothing to play yet')
  expect(screen.getByRole('link', { name: 'Go to Train' }).getAttribute('href')).toBe('#/d/d1/train')
  without({ list: null, unreachable: true })
  rerender(<Shown />)
  expect(title()).toBe('No network on this phone')
  expect(screen.getByRole('button', { name: 'Try again' })).toBeTruthy()
})

it('offers a network with its size, and says why it could not be fetched', () => {
  const run = runWith('r1', [['best', 100]], 20e6)
  without({ offer: { run, checkpoint: run.checkpoints[0] as (typeof run.checkpoints)[0] } })
  networksStore.setState({ networks: [] })
  const { rerender } = render(<Shown />)
  expect(screen.getByRole('button', { name: 'Fetch 20 MB' })).toBeTruthy()
  networksStore.setState({ trouble: { 'r1-100': 'This phone is too full.' } })
  rerender(<Shown />)
  expect(screen.getByText('This phone is too full.')).toBeTruthy()
  choosingStore.setState({ chosen: 'r1-100' })
  networksStore.setState({ fetching: { 'r1-100': { done: 5e6, total: 20e6 } } })
  rerender(<Shown />)
  expect(screen.getByRole('progressbar').getAttribute('value')).toBe('0.25')
  fireEvent.click(screen.getByRole('button', { name: 'Cancel' }))
  expect(screen.queryByRole('progressbar')).toBeNull()
})

it('shows the download until the network can be loaded, but never in place of the network that plays', () => {
  networksStore.setState({ fetching: { 'r1-100': { done: 1e6, total: 2e6 } } })
  playerStore.setState({ status: 'off', network: null })
  render(<Shown />)
  expect(title()).toBe('Fetching the network…')
  act(() => playerStore.setState({ status: 'ready', network: network({ inspected: false }) }))
  expect(screen.getByText('the game')).toBeTruthy()
})

it('shows the download of the runtime, and what to do when it failed, unless a network plays already', () => {
  playPackStore.setState({ state: 'filling', progress: 0.5 })
  const { rerender } = render(<Shown />)
  expect(screen.getByText('the game')).toBeTruthy()
  act(() => playerStore.setState({ status: 'off' }))
  expect(screen.getByRole('progressbar').getAttribute('value')).toBe('0.5')
  playPackStore.setState({ state: 'failed', reason: 'interrupted' })
  rerender(<Shown />)
  fireEvent.click(screen.getByRole('button', { name: 'Try again' }))
  expect(fillPlayPack).toHaveBeenCalledOnce()
  playPackStore.setState({ state: 'failed', reason: 'full' })
  rerender(<Shown />)
  fireEvent.click(screen.getByRole('button', { name: 'On this phone' }))
  expect(playStore.getState().sheet).toBe('phone')
  playPackStore.setState({ state: 'absent' })
  rerender(<Shown />)
  fireEvent.click(screen.getByRole('button', { name: /^Fetch/ }))
  expect(fillPlayPack).toHaveBeenCalledTimes(2)
})

it('says why Python does not run, and starts it again', () => {
  pythonState.setState({ status: 'failed', interrupted: true })
  render(<Shown />)
  expect(screen.getByText(/was interrupted/)).toBeTruthy()
  fireEvent.click(screen.getByRole('button', { name: 'Try again' }))
  expect(retryPython).toHaveBeenCalledOnce()
})

it('says why a network does not play, with one thing to do', () => {
  playerStore.setState({ status: 'failed', problem: problem('out-of-memory') })
  const { rerender } = render(<Shown />)
  expect(screen.getByRole('button', { name: 'On this phone' })).toBeTruthy()
  playerStore.setState({ problem: problem('damaged') })
  rerender(<Shown />)
  fireEvent.click(screen.getByRole('button', { name: 'Try again' }))
  expect(loadNetwork).toHaveBeenCalledExactlyOnceWith('r1-100')
  playerStore.setState({ problem: problem('no-simd') })
  rerender(<Shown />)
  expect(screen.queryByRole('button')).toBeNull()
  expect(screen.getByText(/no WebAssembly SIMD/)).toBeTruthy()
})

it('offers another kept network where the chosen one is damaged, and a second try where the phone was full', () => {
  playerStore.setState({ status: 'failed', network: null, problem: problem('damaged') })
  const { rerender } = render(<Shown />)
  expect(screen.queryByRole('button', { name: 'Choose another network' })).toBeNull()
  networksStore.setState({ networks: [keptNetwork('r1', 100), keptNetwork('r2', 5, { designId: 'd2' })] })
  rerender(<Shown />)
  expect(screen.queryByRole('button', { name: 'Choose another network' })).toBeNull()
  networksStore.setState({ networks: [keptNetwork('r1', 100), keptNetwork('r1', 50)] })
  rerender(<Shown />)
  fireEvent.click(screen.getByRole('button', { name: 'Choose another network' }))
  expect(playStore.getState().sheet).toBe('network')
  playerStore.setState({ problem: problem('full') })
  rerender(<Shown />)
  fireEvent.click(screen.getByRole('button', { name: 'On this phone' }))
  expect(playStore.getState().sheet).toBe('phone')
  fireEvent.click(screen.getByRole('button', { name: 'Try again' }))
  expect(loadNetwork).toHaveBeenCalledExactlyOnceWith('r1-100')
})

it('leads a full phone that could not fetch a network to the list of what it keeps', () => {
  const run = runWith('r1', [['best', 100]], 20e6)
  without({ offer: { run, checkpoint: run.checkpoints[0] as (typeof run.checkpoints)[0] } })
  networksStore.setState({ networks: [], trouble: { 'r1-100': new NetworkProblem('full').message } })
  render(<Shown />)
  fireEvent.click(screen.getByRole('button', { name: 'On this phone' }))
  expect(playStore.getState().sheet).toBe('phone')
  expect(screen.getByRole('button', { name: 'Try again' })).toBeTruthy()
})

it('fetches the runtime again where it could not be started, then loads the network', async () => {
  playerStore.setState({ status: 'failed', network: null, problem: problem('no-runtime') })
  render(<Shown />)
  expect(screen.getByText(/damaged or missing/)).toBeTruthy()
  fireEvent.click(screen.getByRole('button', { name: 'Try again' }))
  expect(renewPlayPack).toHaveBeenCalledOnce()
  await vi.waitFor(() => expect(loadNetwork).toHaveBeenCalledExactlyOnceWith('r1-100'))
})
